package ingest

import (
	"slices"
	"strings"

	"understory/news"
	"understory/news/feed"
)

// section is the feed's own where the operator gave it one. A title that is
// about one matter keeps to it. In one that is about all of them, what an entry
// is filed under decides, where that is the name of a section.
func (o origin) section(e *feed.Entry) string {
	if slices.Contains(news.Sections, o.feed.Section) {
		return o.feed.Section
	}
	if s := o.title.Section; !general(s) {
		return s
	}
	for _, tag := range e.Tags {
		if s, ok := sectionNames[strings.ToLower(tag)]; ok {
			return s
		}
	}
	if o.title.Section != "" {
		return o.title.Section
	}
	return "news"
}

// general reports whether a title of that section is about everything.
func general(section string) bool {
	return section == "world" || section == "local" || section == "news" || !slices.Contains(news.Sections, section)
}

// sectionNames are the names that newspapers give to our sections. Those that
// say little ("News", "Home") are left out.
var sectionNames = func() map[string]string {
	names := map[string]string{}
	for section, words := range map[string]string{
		"world":      "world|world news|international|ausland|monde|mundo|internacional|mondo|esteri|عالم|العالم",
		"politics":   "politics|politik|inland|politique|política|politica|سياسة",
		"business":   "business|economy|finance|markets|wirtschaft|économie|economía|economia|negocios|اقتصاد",
		"technology": "technology|tech|digital|technik|technologie|tecnología|tecnologia|تكنولوجيا",
		"science":    "science|wissen|wissenschaft|sciences|ciencia|ciência|scienza|scienze|علوم",
		"climate":    "climate|environment|klima|umwelt|climat|environnement|planète|clima|medio ambiente|ambiente|مناخ|بيئة",
		"health":     "health|gesundheit|santé|salud|saúde|salute|صحة",
		"culture":    "culture|arts|books|film|music|kultur|feuilleton|cultura|cultures|ثقافة",
		"sport":      "sport|sports|football|deporte|deportes|desporto|esporte|esportes|رياضة",
		"opinion":    "opinion|comment|commentisfree|editorial|meinung|kommentar|opinión|opinião|idées|رأي",
	} {
		for word := range strings.SplitSeq(words, "|") {
			names[word] = section
		}
	}
	return names
}()
