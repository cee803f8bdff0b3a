// Package util belongs to no room.
package util
