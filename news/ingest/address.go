package ingest

import (
	"net/url"
	"strings"

	"understory/news"
)

// maxAddress is the longest address that is kept, in bytes: browsers and
// servers take no longer ones, and no database can look them up.
const maxAddress = 2000

// canonical is an article's address without what only follows readers around:
// tracking parameters and the fragment. It returns "" for what is no web
// address, and for one that is too long.
func canonical(address string) string {
	if len(address) > maxAddress {
		return ""
	}
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return ""
	}
	u.Fragment, u.RawFragment, u.User = "", "", nil
	u.Host = strings.ToLower(u.Host)
	if u.RawQuery != "" {
		u.RawQuery = withoutTracking(u.RawQuery)
	}
	u.ForceQuery = false
	if address = u.String(); len(address) > maxAddress { // escaped
		return ""
	}
	return address
}

// sameAddress is what two spellings of one address have in common: the scheme,
// a leading www. and a trailing slash do not tell articles apart.
func sameAddress(canonical string) news.Digest {
	if canonical == "" {
		return news.Digest{}
	}
	_, rest, _ := strings.Cut(canonical, "://")
	path, query, _ := strings.Cut(strings.TrimPrefix(rest, "www."), "?")
	path = strings.TrimSuffix(path, "/")
	if !strings.Contains(path, "/") && query == "" {
		return news.Digest{} // a home page is no article's own address
	}
	return digest(path + "?" + query)
}

// tracking are the parameters that say where a reader came from. Those ending
// in "_" are prefixes.
var tracking = []string{"utm_", "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "igshid", "mc_",
	"at_medium", "at_campaign", "at_custom", "at_link_", "at_format", "at_ptr_", "at_bbc_", "cmpid", "cmp", "ns_", "ito",
	"ocid", "ftag", "smid", "smtyp", "_hsenc", "_hsmi", "xtor", "wt_", "sc_", "sref", "srnd", "traffic_source", "rss"}

// withoutTracking keeps the other parameters in their order and spelling.
func withoutTracking(query string) string {
	var kept []string
	for part := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(part, "=")
		if part != "" && !tracks(strings.ToLower(name)) {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}

func tracks(name string) bool {
	for _, t := range tracking {
		if name == t || strings.HasSuffix(t, "_") && strings.HasPrefix(name, t) {
			return true
		}
	}
	return false
}
