package mail

import (
	"html"
	"regexp"
	"slices"
	"strings"

	nethtml "golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// unflow joins the lines of a flowed text (RFC 3676) that were one.
func unflow(s string, delSpace bool) string {
	var b strings.Builder
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimSuffix(line, "\r")
		line = strings.TrimPrefix(line, " ") // stuffed
		if !strings.HasSuffix(line, " ") || line == "-- " {
			b.WriteString(line + "\n")
			continue
		}
		if delSpace {
			line = line[:len(line)-1]
		}
		b.WriteString(line)
	}
	return b.String()
}

// paragraphs turns plain text into HTML.
func paragraphs(s string) string {
	link := regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)\]']`)
	var b strings.Builder
	s = strings.ReplaceAll(s, "\r", "")
	for block := range strings.SplitSeq(s, "\n\n") {
		if block = strings.TrimSpace(block); block == "" {
			continue
		}
		b.WriteString("<p>")
		at := 0
		for _, found := range link.FindAllStringIndex(block, -1) {
			address := html.EscapeString(block[found[0]:found[1]])
			b.WriteString(lines(block[at:found[0]]) + `<a href="` + address + `">` + address + "</a>")
			at = found[1]
		}
		b.WriteString(lines(block[at:]) + "</p>\n")
	}
	return b.String()
}

func lines(s string) string { return strings.ReplaceAll(html.EscapeString(s), "\n", "<br>\n") }

// tidy takes from a letter what is for its first reader alone: the links that
// end or change the subscription or show the letter on the web, where it often
// names its reader, pixels that report the reading, pictures that were sent
// along, and text that is hidden. It returns "" for a body that cannot be read.
func tidy(source, unsubscribe string) string {
	doc, err := nethtml.Parse(strings.NewReader(source))
	if err != nil {
		return ""
	}
	var drop, unlink []*nethtml.Node
	root := doc
	for n := range doc.Descendants() {
		switch {
		case n.Type != nethtml.ElementNode:
		case n.DataAtom == atom.Body:
			root = n
		case hidden(n), n.DataAtom == atom.Img && uselessPicture(n):
			drop = append(drop, n)
		case n.DataAtom != atom.A || attr(n, "href") == "":
		case attr(n, "href") == unsubscribe, says(n, leaving()), says(n, onTheWeb()):
			unlink = append(unlink, n)
			if says(n, []string{"://"}) {
				drop = append(drop, n)
			}
		}
	}
	for _, n := range unlink {
		n.Attr = nil
	}
	for _, n := range drop {
		if n.Parent != nil {
			n.Parent.RemoveChild(n)
		}
	}
	var b strings.Builder
	for n := range root.ChildNodes() {
		nethtml.Render(&b, n)
	}
	return b.String()
}

func attr(n *nethtml.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return strings.TrimSpace(a.Val)
		}
	}
	return ""
}

func isWeb(href string) bool {
	return strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "http://")
}

// hidden reports whether an element is not shown.
func hidden(n *nethtml.Node) bool {
	style := strings.ToLower(strings.Join(strings.Fields(attr(n, "style")), ""))
	return strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")
}

// uselessPicture reports whether a picture is a pixel or was sent along.
func uselessPicture(n *nethtml.Node) bool {
	small := func(size string) bool { size = strings.TrimSuffix(size, "px"); return size == "0" || size == "1" }
	return small(attr(n, "width")) || small(attr(n, "height")) || !isWeb(strings.ToLower(attr(n, "src")))
}

// says reports whether the text of a link holds one of some phrases. A link
// that says much is none of those that are looked for.
func says(link *nethtml.Node, phrases []string) bool {
	var b strings.Builder
	inside := 0
	for n := range link.Descendants() {
		if n.Type == nethtml.TextNode {
			b.WriteString(n.Data + " ")
		}
		if inside++; inside > 100 || b.Len() > 80 {
			return false
		}
	}
	words := strings.ToLower(strings.Join(strings.Fields(b.String()), " "))
	return slices.ContainsFunc(phrases, func(p string) bool { return strings.Contains(words, p) })
}

// onTheWeb is how newsletters name the link to themselves.
func onTheWeb() []string {
	return []string{
		"in browser", "in your browser", "in a browser", "view online", "read online", "web version", "online version",
		"view on the web", "read on the web", "view this email", "view this newsletter",
		"im browser", "webversion", "web-version", "online lesen", "online ansehen", "onlineversion", "online-version",
		"en ligne", "dans votre navigateur", "dans le navigateur", "version web",
		"en el navegador", "en su navegador", "en tu navegador", "en línea", "versión web",
		"no navegador", "no seu navegador", "versão online", "versão web", "nel browser", "versione web", "versione online",
		"in de browser", "in je browser", "in uw browser", "online lezen", "webversie", "webbversion", "i webbläsaren", "i browseren",
		"webudgave", "nettleser", "w przeglądarce", "в браузере", "tarayıcı", "ブラウザ", "在浏览器", "브라우저",
	}
}

// leaving is how newsletters name the links that end or change a subscription.
func leaving() []string {
	return []string{
		"unsubscribe", "opt out", "opt-out", "manage preferences", "email preferences", "manage your subscription",
		"manage subscription", "update your preferences", "update preferences", "manage your preferences", "update profile",
		"abmelden", "abbestellen", "austragen", "désabonner", "desabonner", "désinscrire", "désinscription",
		"darse de baja", "darme de baja", "cancelar suscripción", "cancelar la suscripción", "cancelar inscrição",
		"cancelar a inscrição", "descadastrar", "disiscriv", "annulla iscrizione", "cancella iscrizione", "uitschrijven", "afmelden",
		"avregistrera", "avprenumerera", "avsluta prenumeration", "afmeld", "meld deg av", "avslutt abonnement",
		"wypisz", "anuluj subskrypcję", "отписаться", "abonelikten", "配信停止", "退订", "수신거부",
	}
}
