package feed

import (
	"net/http"
	"net/url"
	"os"
	"time"

	"example/news"
	"example/news/fetch"
	"golang.org/x/net/html"
)

var (
	_ = http.Get
	_ url.URL
	_ = os.Open
	_ = time.Now
	_ = time.Parse
	_ news.Title
	_ fetch.Client
	_ html.Node
)
