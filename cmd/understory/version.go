package main

import "runtime/debug"

// release is the version of this tree; it is raised with each entry in
// CHANGELOG.md.
const release = "0.1.0"

// version is the release, with the commit where the build knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return release
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			return release + " (" + s.Value + ")"
		}
	}
	return release
}
