package press

// Title is one invented title as a catalogue would list it.
type Title struct {
	Slug     string // also its host name: SLUG.localhost
	Name     string
	Tagline  string
	Home     string // address of its web site
	Place    string // town and country, both invented
	Country  string // ISO 3166 user-assigned code (XA to XZ), so that no real country is meant
	Language string // BCP 47
	Section  string // the section it mostly writes for
	Owner    string
	Colour   string // #RRGGBB
	Hub      bool   // declares a WebSub hub
	Feeds    []Feed
}

// Feed is one feed of a title.
type Feed struct {
	URL     string
	Section string // empty for the whole title
	Format  Format
}

// Format is the format of a feed.
type Format string

// The formats that the press writes.
const (
	RSS     Format = "rss"     // RSS 2.0 with the full text
	Summary Format = "summary" // RSS 2.0 with summaries only
	Atom    Format = "atom"    // Atom 1.0
	RDF     Format = "rdf"     // RSS 1.0
	JSON    Format = "json"    // JSON Feed 1.1
	Sitemap Format = "sitemap" // news sitemap
)

// MediaType is the type that a page announces the format by.
func (f Format) MediaType() string {
	switch f {
	case Atom:
		return "application/atom+xml"
	case JSON:
		return "application/feed+json"
	case RDF:
		return "application/rdf+xml"
	case Sitemap:
		return "application/xml"
	}
	return "application/rss+xml"
}

// profile is a title with what the press needs to run it.
type profile struct {
	Title
	Style    string   // name of its templates in page/
	path     string   // pattern of its articles' addresses
	sections []string // in the order of its navigation
	staff    []string // invented people
	habits   []habit
}

// habit is a fault that a title shows on every nth request for a feed; 1 is always.
type habit struct {
	fault Fault
	every int64
}

func (t *profile) at(base string) Title {
	title := t.Title
	title.Home = "http://" + t.Slug + "." + base + "/"
	title.Feeds = nil
	for _, f := range t.Feeds {
		f.URL = "http://" + t.Slug + "." + base + f.URL
		title.Feeds = append(title.Feeds, f)
	}
	return title
}

// has says whether the title always shows fault f, which is what the faults of
// a document (as opposed to those of a single reply) need to know.
func (t *profile) has(f Fault) bool {
	for _, h := range t.habits {
		if h.fault == f && h.every == 1 {
			return true
		}
	}
	return false
}

// profiles is the list of the invented titles. The feed addresses are paths here.
func profiles() []*profile {
	return []*profile{{
		Title: Title{
			Slug: "linnet-courier", Name: "The Linnet Courier", Tagline: "Port Linnet’s paper of record since the second lighthouse",
			Place: "Port Linnet, Halvern", Country: "XH", Language: "en", Section: "world", Owner: "The Courier Trust",
			Colour: "#123C4A", Hub: true,
			Feeds: []Feed{
				{"/feed.xml", "", RSS}, {"/feed/world.xml", "world", RSS}, {"/feed/politics.xml", "politics", RSS},
				{"/feed/culture.xml", "culture", RSS}, {"/news-sitemap.xml", "", Sitemap},
			},
		},
		Style: "broadsheet", path: "/:section/:date/:slug",
		sections: []string{"world", "politics", "business", "science", "climate", "culture", "sport", "local"},
		staff:    []string{"Nora Tisdale", "Elias Penrow", "Maud Achterby", "Tobias Wren"},
		habits:   []habit{{Duplicates, 1}},
	}, {
		Title: Title{
			Slug: "merrow-wire", Name: "Merrow Wire", Tagline: "First, plainly, from all five shores",
			Place: "Port Linnet, Halvern", Country: "XH", Language: "en", Section: "world", Owner: "Owned by its subscribers",
			Colour: "#8A2B12", Hub: true,
			Feeds: []Feed{{"/atom.xml", "", Atom}, {"/feed.json", "", JSON}},
		},
		Style: "agency", path: "/text/:id",
		sections: []string{"world", "politics", "business", "science", "climate", "sport"},
		staff:    []string{"Merrow Wire"},
	}, {
		Title: Title{
			Slug: "tidewater-gazette", Name: "Tidewater Gazette", Tagline: "Every quay, every council, every Thursday and most other days",
			Place: "Tidewater, Halvern", Country: "XH", Language: "en", Section: "local", Owner: "Brackwater Local Papers",
			Colour: "#2C6E63",
			Feeds:  []Feed{{"/rss", "", Summary}, {"/rss/local", "local", Summary}},
		},
		Style: "local", path: "/:id-:slug.html",
		sections: []string{"local", "politics", "sport", "culture", "climate", "world"},
		staff:    []string{"Joan Pickerell", "Desmond Fay", "Hattie Orme"},
		habits:   []habit{{WrongType, 1}, {ServerError, 9}},
	}, {
		Title: Title{
			Slug: "fathom-and-field", Name: "Fathom & Field", Tagline: "What the sea and the land are doing",
			Place: "Gannet Head, Halvern", Country: "XH", Language: "en", Section: "science", Owner: "The Fathom Society",
			Colour: "#1D5C4C", Hub: true,
			Feeds: []Feed{{"/feed.json", "", JSON}, {"/feed.xml", "", Atom}},
		},
		Style: "magazine", path: "/:slug",
		sections: []string{"science", "climate"},
		staff:    []string{"Ines Callowhill", "Rafe Undersand", "Dr Petra Holm"},
		habits:   []habit{{OddETag, 1}},
	}, {
		Title: Title{
			Slug: "north-quay-ledger", Name: "The North Quay Ledger", Tagline: "Cargo, credit and the price of rope",
			Place: "Port Linnet, Halvern", Country: "XH", Language: "en", Section: "business", Owner: "Quayside Holdings",
			Colour: "#6B3A53",
			Feeds:  []Feed{{"/index.rdf", "", RDF}, {"/feed.xml", "", RSS}},
		},
		Style: "ledger", path: "/:section/:slug-:id",
		sections: []string{"business", "world", "politics", "climate"},
		staff:    []string{"Gideon Marlowe-Sands", "Cecily Thring", "Abel Northcote"},
		habits:   []habit{{TooMany, 11}},
	}, {
		Title: Title{
			Slug: "evening-lantern", Name: "The Evening Lantern", Tagline: "Lit at four o’clock",
			Place: "Port Linnet, Halvern", Country: "XH", Language: "en", Section: "local", Owner: "Brackwater Local Papers",
			Colour: "#B3261E",
			Feeds:  []Feed{{"/rss.xml", "", RSS}, {"/sport.xml", "sport", RSS}},
		},
		Style: "tabloid", path: "/news/:id/:slug",
		sections: []string{"local", "sport", "culture", "business", "world"},
		staff:    []string{"Lantern reporter", "Billie Cawood", "Sid Arkle"},
		habits:   []habit{{Latin1, 1}, {OddDates, 1}, {HTMLTitles, 1}, {Truncated, 6}},
	}, {
		Title: Title{
			Slug: "ebbenauer-bote", Name: "Ebbenauer Bote", Tagline: "Zeitung für Ebbenau und die Ufer",
			Place: "Ebbenau, Grauwald", Country: "XG", Language: "de", Section: "world", Owner: "Genossenschaft Ebbenauer Bote",
			Colour: "#23395B",
			Feeds:  []Feed{{"/feed.rss", "", RSS}, {"/wirtschaft.rss", "business", RSS}},
		},
		Style: "broadsheet", path: "/:section/:slug",
		sections: []string{"world", "politics", "business", "science", "climate", "culture", "sport", "local"},
		staff:    []string{"Almut Wiesengrund", "Jost Kehrwieder", "Friederike Anhalter"},
		habits:   []habit{{WrongType, 1}, {NoValidator, 1}},
	}, {
		Title: Title{
			Slug: "gazette-sainte-aure", Name: "La Gazette de Sainte-Aure", Tagline: "Le quotidien du fleuve et du port",
			Place: "Sainte-Aure, Valrive", Country: "XV", Language: "fr", Section: "world", Owner: "Société des lecteurs de la Gazette",
			Colour: "#5A2A6B",
			Feeds:  []Feed{{"/atom", "", Atom}},
		},
		Style: "journal", path: "/articles/:slug",
		sections: []string{"world", "politics", "culture", "science", "business", "climate", "sport", "local"},
		staff:    []string{"Apolline Verdier-Lacaze", "Théodule Marchepied", "Solange Brisemer"},
		habits:   []habit{{RelativeLinks, 1}},
	}, {
		Title: Title{
			Slug: "diario-almenza", Name: "Diario de Almenza", Tagline: "Lo que pasa en la costa, contado despacio",
			Place: "Puerto Almenza, Almenza", Country: "XL", Language: "es", Section: "world", Owner: "Cooperativa Diario de Almenza",
			Colour: "#9A4A00",
			Feeds:  []Feed{{"/rss.xml", "", RSS}, {"/ciencia.xml", "science", RSS}},
		},
		Style: "local", path: "/:date/:slug.html",
		sections: []string{"world", "politics", "science", "climate", "business", "culture", "sport", "local"},
		staff:    []string{"Remedios Altamar", "Ginés Portolés", "Lucía Brisa Cano"},
		habits:   []habit{{NoGUID, 1}, {FutureDates, 1}},
	}, {
		Title: Title{
			Slug: "sada-sindiyan", Name: "صدى السنديان", Tagline: "أخبار الشواطئ الخمسة",
			Place: "رأس السنديان، مرجانة", Country: "XM", Language: "ar", Section: "world", Owner: "دار السنديان للنشر",
			Colour: "#0F5132",
			Feeds:  []Feed{{"/feed.xml", "", RSS}},
		},
		Style: "journal", path: "/news/:id",
		sections: []string{"world", "politics", "business", "science", "climate", "culture"},
		staff:    []string{"ليلى المرساوي", "نادر السندي"},
	}, {
		Title: Title{
			Slug: "touchline-post", Name: "The Touchline Post", Tagline: "Ninety minutes, and then some",
			Place: "Harrowby, Halvern", Country: "XH", Language: "en", Section: "sport", Owner: "Touchline Supporters’ Company",
			Colour: "#14532D",
			Feeds:  []Feed{{"/feed.xml", "", Summary}, {"/sitemap-news.xml", "", Sitemap}},
		},
		Style: "tabloid", path: "/:slug-:id",
		sections: []string{"sport"},
		staff:    []string{"Merle Ashdown", "Kit Fallowes"},
		habits:   []habit{{Hang, 17}, {NewGUIDs, 1}},
	}, {
		Title: Title{
			Slug: "gannet-review", Name: "The Gannet Review", Tagline: "Books, rooms, music, weather",
			Place: "Gannet Head, Halvern", Country: "XH", Language: "en", Section: "culture", Owner: "The Gannet Review Fund",
			Colour: "#4A3728",
			Feeds:  []Feed{{"/feed.atom", "", Atom}},
		},
		Style: "magazine", path: "/:section/:slug/",
		sections: []string{"culture", "science", "local"},
		staff:    []string{"Ottoline Brae", "Marius Feld", "June Abernarth"},
		habits:   []habit{{Tombstones, 1}},
	}, {
		Title: Title{
			Slug: "upland-almanac", Name: "The Upland Almanac", Tagline: "Weather, stock and water",
			Place: "High Corrie, Halvern", Country: "XH", Language: "en", Section: "climate", Owner: "Family Dunmore",
			Colour: "#5B6B1F",
			Feeds:  []Feed{{"/feed.xml", "", RSS}},
		},
		Style: "local", path: "/:date/:id",
		sections: []string{"climate", "local", "business", "science"},
		staff:    []string{"Agnes Dunmore", "Roland Tye"},
		habits:   []habit{{Moved, 1}},
	}}
}
