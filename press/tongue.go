package press

import (
	"fmt"
	"time"
)

// tongue is what the sites of one language say apart from their articles.
type tongue struct {
	Dir                              string // ltr or rtl
	By, Updated, Correction, Retract string
	Drawing, Agency, More, Latest    string
	invented                         string // the sentence at the foot; %s is the title's name
	dateline                         string // day, month's name, year, time
	months                           [12]string
	sections                         map[string]string
}

// tongueOf returns the words of a language, English for one it does not know.
func tongueOf(language string) tongue {
	t, ok := tongues()[language]
	if !ok {
		t = tongues()["en"]
	}
	return t
}

// date writes a time as the title's readers would: "23 November 2026, 14:05".
func (t tongue) date(at time.Time) string {
	return fmt.Sprintf(t.dateline, at.Day(), t.months[at.Month()-1], at.Year(), at.Format("15:04"))
}

// Section is the name of a section in the language.
func (t tongue) Section(name string) string {
	if s, ok := t.sections[name]; ok {
		return s
	}
	return name
}

func tongues() map[string]tongue {
	return map[string]tongue{
		"en": {
			Dir: "ltr", By: "By", Updated: "Updated", Correction: "Correction", Retract: "Withdrawn",
			Drawing: "Drawing", Agency: "From", More: "More from", Latest: "Latest",
			invented: "%s is an invented title in an invented place, made to show Understory at work. Nothing told here happened.",
			dateline: "%d %s %d, %s",
			months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September",
				"October", "November", "December"},
			sections: map[string]string{"world": "World", "politics": "Politics", "business": "Business", "science": "Science",
				"climate": "Climate", "culture": "Culture", "sport": "Sport", "local": "Local"},
		},
		"de": {
			Dir: "ltr", By: "Von", Updated: "Aktualisiert", Correction: "Berichtigung", Retract: "Zurückgezogen",
			Drawing: "Zeichnung", Agency: "Von", More: "Mehr aus", Latest: "Neueste Meldungen",
			invented: "%s ist eine erfundene Zeitung an einem erfundenen Ort, gemacht, um Understory bei der Arbeit zu zeigen. Nichts davon ist geschehen.",
			dateline: "%d. %s %d, %s Uhr",
			months: [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September",
				"Oktober", "November", "Dezember"},
			sections: map[string]string{"world": "Ausland", "politics": "Politik", "business": "Wirtschaft", "science": "Wissen",
				"climate": "Klima", "culture": "Kultur", "sport": "Sport", "local": "Lokales"},
		},
		"fr": {
			Dir: "ltr", By: "Par", Updated: "Mis à jour le", Correction: "Rectificatif", Retract: "Article retiré",
			Drawing: "Dessin", Agency: "Avec", More: "À lire aussi dans", Latest: "Dernières nouvelles",
			invented: "%s est un titre inventé, dans un lieu inventé, fait pour montrer Understory à l’œuvre. Rien de ce qui est raconté ici n’a eu lieu.",
			dateline: "%d %s %d, %s",
			months: [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
				"octobre", "novembre", "décembre"},
			sections: map[string]string{"world": "Monde", "politics": "Politique", "business": "Économie", "science": "Sciences",
				"climate": "Climat", "culture": "Culture", "sport": "Sport", "local": "Ville"},
		},
		"es": {
			Dir: "ltr", By: "Por", Updated: "Actualizado el", Correction: "Corrección", Retract: "Retirado",
			Drawing: "Dibujo", Agency: "De", More: "Más de", Latest: "Lo último",
			invented: "%s es una cabecera inventada en un lugar inventado, hecha para mostrar Understory en marcha. Nada de lo que cuenta ha ocurrido.",
			dateline: "%d de %s de %d, %s",
			months: [12]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre",
				"octubre", "noviembre", "diciembre"},
			sections: map[string]string{"world": "Mundo", "politics": "Política", "business": "Economía", "science": "Ciencia",
				"climate": "Clima", "culture": "Cultura", "sport": "Deportes", "local": "Ciudad"},
		},
		"ar": {
			Dir: "rtl", By: "بقلم", Updated: "حُدِّث في", Correction: "تصويب", Retract: "سُحب هذا الخبر",
			Drawing: "رسم", Agency: "عن", More: "المزيد من", Latest: "آخر الأخبار",
			invented: "«%s» صحيفة متخيَّلة في مكان متخيَّل، صُنعت لعرض عمل Understory. لم يقع شيء مما يُروى هنا.",
			dateline: "%d %s %d، %s",
			months: [12]string{"يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر",
				"أكتوبر", "نوفمبر", "ديسمبر"},
			sections: map[string]string{"world": "العالم", "politics": "سياسة", "business": "اقتصاد", "science": "علوم",
				"climate": "مناخ", "culture": "ثقافة", "sport": "رياضة", "local": "محليات"},
		},
	}
}
