package sanitize

// allowed is the whole list: an element that is not here loses its tags and
// keeps its text, an attribute that is not here is gone. To allow more, add a
// row; nothing else in this package decides what may pass.
//
// Never to be added: elements whose content is not ordinary HTML text (script,
// style, title, textarea, xmp, iframe, noscript, svg, math ...), because the
// safety of the output rests on their absence; style, class, id, name and on*.
var allowed = map[string]element{
	// Text.
	"a":       {kind: inline, need: "href", attrs: []attr{{"href", link}}, extra: ` rel="noopener noreferrer nofollow"`},
	"abbr":    {kind: inline},
	"acronym": {kind: inline},
	"b":       {kind: inline},
	"bdi":     {kind: inline},
	"bdo":     {kind: inline},
	"big":     {kind: inline},
	"br":      {kind: void},
	"cite":    {kind: inline},
	"code":    {kind: inline},
	"del":     {kind: inline, attrs: []attr{{"cite", link}, {"datetime", plain}}},
	"dfn":     {kind: inline},
	"em":      {kind: inline},
	"i":       {kind: inline},
	"ins":     {kind: inline, attrs: []attr{{"cite", link}, {"datetime", plain}}},
	"kbd":     {kind: inline},
	"mark":    {kind: inline},
	"q":       {kind: inline, attrs: []attr{{"cite", link}}},
	"rp":      {kind: inline | rubyPart},
	"rt":      {kind: inline | rubyPart},
	"ruby":    {kind: inline},
	"s":       {kind: inline},
	"samp":    {kind: inline},
	"small":   {kind: inline},
	"span":    {kind: inline},
	"strike":  {kind: inline},
	"strong":  {kind: inline},
	"sub":     {kind: inline},
	"sup":     {kind: inline},
	"time":    {kind: inline, attrs: []attr{{"datetime", plain}}},
	"tt":      {kind: inline},
	"u":       {kind: inline},
	"var":     {kind: inline},
	"wbr":     {kind: void},

	// Blocks.
	"address":    {kind: block},
	"article":    {kind: block},
	"aside":      {kind: block},
	"blockquote": {kind: block, attrs: []attr{{"cite", link}}},
	"dd":         {kind: block | item},
	"details":    {kind: block, attrs: []attr{{"open", flag}}},
	"div":        {kind: block},
	"dl":         {kind: block},
	"dt":         {kind: block | item},
	"figcaption": {kind: block},
	"figure":     {kind: block},
	"footer":     {kind: block},
	"h1":         {kind: block | heading},
	"h2":         {kind: block | heading},
	"h3":         {kind: block | heading},
	"h4":         {kind: block | heading},
	"h5":         {kind: block | heading},
	"h6":         {kind: block | heading},
	"header":     {kind: block},
	"hr":         {kind: block | void},
	"li":         {kind: block | item, attrs: []attr{{"value", number}}},
	"main":       {kind: block},
	"ol":         {kind: block, attrs: []attr{{"start", number}, {"reversed", flag}}},
	"p":          {kind: block},
	"pre":        {kind: block},
	"section":    {kind: block},
	"summary":    {kind: block},
	"ul":         {kind: block},

	// Tables.
	"table":   {kind: block | tabular},
	"caption": {kind: tablePart | cell},
	"thead":   {kind: tablePart | tabular},
	"tbody":   {kind: tablePart | tabular},
	"tfoot":   {kind: tablePart | tabular},
	"tr":      {kind: tablePart | tabular},
	"td":      {kind: tablePart | cell, attrs: []attr{{"colspan", number}, {"rowspan", number}}},
	"th":      {kind: tablePart | cell, attrs: []attr{{"colspan", number}, {"rowspan", number}, {"scope", plain}}},

	// Media. What is written of these is in media.go, where all their attributes
	// are looked at together.
	"img":   {kind: void},
	"audio": {kind: void},
	"video": {kind: void},
}

// everywhere are the attributes that any allowed element may carry.
var everywhere = []attr{{"dir", direction}, {"lang", plain}, {"title", text}}

// renamed are elements shown as another one.
var renamed = map[string]string{
	"image": "img", // the HTML parser does the same
	"menu":  "ul", "dir": "ul",
	"center": "div", "fieldset": "div", "form": "div", "hgroup": "div", "legend": "div", "nav": "div",
}

// emptied are elements whose content goes with them. Not among them are object
// and applet: theirs is what to show in their place.
var emptied = map[string]bool{
	"audio": true, "datalist": true, "iframe": true, "math": true, "noembed": true, "noframes": true,
	"script": true, "select": true, "style": true, "svg": true, "template": true, "title": true,
	"video": true, "xml": true,
}

// schemes are the only ones a link may have; a picture, a film or a sound
// must have one of the first two.
var schemes = []string{"https://", "http://", "mailto:", "tel:"}
