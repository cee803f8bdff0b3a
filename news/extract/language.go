package extract

import (
	"strings"

	"github.com/abadojack/whatlanggo"
)

// Texts are judged by their beginning: more costs time and tells no more.
const (
	languageSample = 1000 // bytes
	languageLeast  = 200  // bytes; shorter texts keep the claim
)

// checkLanguage returns the language that the page claims, unless its text is
// beyond doubt in another: many sites claim what their template came with.
func checkLanguage(claimed, text string) string {
	if len(text) < languageLeast {
		return claimed
	}
	sample := strings.ToValidUTF8(text[:min(len(text), languageSample)], "")
	info := whatlanggo.Detect(sample)
	found := info.Lang.Iso6391()
	main, _, _ := strings.Cut(claimed, "-")
	if found == "" || !info.IsReliable() || main == found || claimed != "" && sameFamily[main+found] {
		return claimed
	}
	return found
}

// sameFamily are pairs of claim and finding that say no more than the claim.
var sameFamily = map[string]bool{
	"nonb": true, "nnnb": true, "nbnn": true, "nbda": true, "noda": true, "danb": true, "hrsr": true, "srhr": true,
	"bshr": true, "bssr": true, "idms": true, "msid": true, "tlen": true, "filtl": true, "cmnzh": true, "glpt": true,
	"ptgl": true, "cses": true, "skcs": true, "csks": true, "caes": true, "ruuk": true, "bgmk": true, "mkbg": true,
}
