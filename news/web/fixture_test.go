package web_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"understory/news"
)

// now is the moment at which every test's pages are made: a Monday.
var now = time.Date(2026, time.November, 23, 9, 30, 0, 0, time.UTC)

// shelf is a store in memory.
type shelf struct {
	titles   []news.Title
	feeds    []news.Feed
	articles []news.Article
	err      error // what every call returns, if set
}

func (s *shelf) Articles(_ context.Context, l news.List) ([]news.Article, error) {
	var found []news.Article
	for _, a := range s.articles {
		if a.Status != news.TakenDown && (l.Section == "" || a.Section == l.Section) &&
			(l.TitleID == 0 || a.TitleID == l.TitleID) && (l.Copies || a.CopyOf == 0) {
			a.Body = ""
			found = append(found, a)
		}
	}
	slices.SortFunc(found, newestFirst)
	if l.After != (news.Mark{}) {
		mark := news.Article{Published: l.After.Published, ID: l.After.ID}
		i := slices.IndexFunc(found, func(a news.Article) bool { return newestFirst(a, mark) > 0 })
		if i < 0 {
			return nil, s.err
		}
		found = found[i:]
	}
	return found[:min(l.Limit, len(found))], s.err
}

func newestFirst(a, b news.Article) int {
	return cmp.Or(b.Published.Compare(a.Published), cmp.Compare(b.ID, a.ID))
}

func (s *shelf) Article(_ context.Context, id int64) (news.Article, error) {
	for _, a := range s.articles {
		if a.ID == id && a.Status == news.TakenDown {
			a.Body, a.Headline = "", ""
			return a, fmt.Errorf("article %d: %w", id, news.ErrGone)
		}
		if a.ID == id {
			return a, s.err
		}
	}
	return news.Article{}, cmp.Or(s.err, fmt.Errorf("article %d: %w", id, news.ErrNotFound))
}

func (s *shelf) CopiesOf(_ context.Context, id int64) (found []news.Article, err error) {
	for _, a := range s.articles {
		if a.CopyOf == id {
			found = append(found, a)
		}
	}
	return found, s.err
}

func (s *shelf) Titles(context.Context) ([]news.Title, error) { return s.titles, s.err }

func (s *shelf) Title(_ context.Context, slug string) (news.Title, error) {
	for _, t := range s.titles {
		if t.Slug == slug {
			return t, s.err
		}
	}
	return news.Title{}, cmp.Or(s.err, fmt.Errorf("title %q: %w", slug, news.ErrNotFound))
}

func (s *shelf) Feeds(_ context.Context, titleID int64) (found []news.Feed, err error) {
	for _, f := range s.feeds {
		if f.TitleID == titleID {
			found = append(found, f)
		}
	}
	return found, s.err
}

// gallery shows a landscape for every address, or nothing for one with "broken" in it.
type gallery struct{}

func (gallery) Address(address string, width int) string {
	return fmt.Sprintf("/picture/%d/x?u=%s", width, url.QueryEscape(address))
}

func (gallery) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	address := r.URL.Query().Get("u")
	if strings.Contains(address, "broken") {
		w.Header().Set("Content-Type", "image/svg+xml")
		w.WriteHeader(http.StatusBadGateway)
		io.WriteString(w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 2"/>`)
		return
	}
	w.Header().Set("Content-Type", "image/jpeg")
	w.Write(landscape(address))
}

// landscape draws hills under a sky whose colours come from the address.
func landscape(address string) []byte {
	const width, height = 300, 200
	h := 0.0
	for _, c := range address {
		h = math.Mod(h*1.7+float64(c)*0.137, 1)
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			v := 0.45 + 0.4*float64(y)/height
			for ridge := range 4 {
				at := 0.42 + 0.15*float64(ridge) + 0.06*math.Sin(float64(x)/(45-7*float64(ridge))+h*20+float64(ridge)*2)
				if float64(y)/height > at {
					v = 0.62 - 0.13*float64(ridge)
				}
			}
			hue := 2 * math.Pi * (h + 0.1*v)
			shade := func(turn float64) uint8 { return uint8(255 * v * (0.82 + 0.18*math.Cos(hue+turn))) }
			img.Set(x, y, color.RGBA{shade(0), shade(2.1), shade(4.2), 255})
		}
	}
	var b bytes.Buffer
	jpeg.Encode(&b, img, nil)
	return b.Bytes()
}

// town is a shelf with an ordinary morning on it.
func town() *shelf {
	s := &shelf{}
	for i, row := range strings.Split(strings.TrimSpace(townTitles), "\n") {
		f := strings.Split(row, "|")
		s.titles = append(s.titles, news.Title{ID: int64(i + 1), Slug: f[0], Name: f[1], Home: "https://www." + f[0] + ".example/",
			Country: f[2], Language: f[3], Section: f[4], Owner: f[5], Colour: f[6], Show: news.Show(f[7])})
		s.feeds = append(s.feeds, news.Feed{ID: int64(i + 1), TitleID: int64(i + 1), Kind: news.FeedPoll, URL: "https://" + f[0] + ".example/feed",
			State: news.FeedState{Status: news.FeedActive, Checked: now.Add(-12 * time.Minute)}})
	}
	for i, row := range strings.Split(strings.TrimSpace(townArticles), "\n") {
		f := strings.Split(row, "|")
		titleID, _ := strconv.Atoi(f[0])
		a := news.Article{ID: int64(i + 1), TitleID: int64(titleID), Status: news.Live, Section: f[1], Headline: f[3], Standfirst: f[4], Byline: f[5],
			Language: s.titles[titleID-1].Language, Address: fmt.Sprintf("https://www.%s.example/%d", s.titles[titleID-1].Slug, i+1),
			Published: now.Add(-time.Duration(i*i*3+2) * time.Minute), FirstSeen: now, Body: townBody}
		if f[2] != "" {
			a.Picture = news.Picture{URL: "https://www." + s.titles[titleID-1].Slug + ".example/" + f[2], Alt: "Hills in morning light",
				Caption: "The hills above the harbour on Sunday, before the rain.", Credit: "Photograph: June Abernarth"}
		}
		if a.Language == "ar" {
			a.Body = townArabic
		}
		s.articles = append(s.articles, a)
	}
	s.articles[0].Updated = now.Add(-time.Minute)
	s.articles[14].Status, s.articles[14].Notice = news.Retracted, "The figures in it were those of another year. The editors regret the mistake."
	s.articles[19].CopyOf = 2
	s.feeds[0].Section = "world"
	s.feeds[1].State = news.FeedState{Status: news.FeedActive, Checked: now.Add(-3 * time.Hour), Error: "The server answered with an error (503 Service Unavailable)"}
	s.feeds[2].State = news.FeedState{Status: news.FeedActive}
	return s
}

const townTitles = `
port-courier|The Port Courier|XH|en|world|The Courier Trust|#123C4A|full
five-shores|Five Shores Wire|XH|en|world|Owned by its subscribers|#8A2B12|full
quay-gazette|Quay Gazette|XH|en|local|unknown|#2C6E63|full
fathom|Fathom & Field|XH|en|science|The Fathom Society|#1D5C4C|full
ledger|The North Ledger|XH|en|business|Quayside Holdings|#6B3A53|preview
bote|Ebbenauer Bote|XG|de|world|Genossenschaft Ebbenauer Bote|#23395B|full
sada|صدى السنديان|XM|ar|world|دار السنديان للنشر|#0F5132|full
touchline|The Touchline Post|XH|en|sport|Supporters’ Company|#FFE600|full
review|The Gannet Review|XH|en|culture|The Gannet Review Fund|#4A3728|full
almanac|Upland Almanac|XH|en|climate|Family Dunmore||headline
`

// townArticles: title | section | picture | headline | standfirst | byline, newest first.
const townArticles = `
1|world|a|Ferry crews vote to keep the night crossing through winter|After three weeks of talks the company drops its plan to end the last boat at nine, and the islands keep their hospital run.|Nora Tisdale and Elias Penrow
2|politics||Council opens its accounts a month early|Anyone may now read what the harbour rebuilding cost, line by line, and several already have.|Five Shores Wire
3|local|b|The bakery that would not move, and the road that went round it|A hundred and forty years on one corner, and a bend in the new bypass to prove it.|Joan Pickerell
4|science|c|Seagrass returns to the outer bay after forty years|Divers counted eleven meadows where last summer there were two. Nobody planted them.|Ines Callowhill
5|business|d|Rope prices fall for a third week as mills restart|Chandlers say that the shortage is over; the mills say that it is not.|Cecily Thring
7|world|e|سكان الجزر يحتفلون بعودة العبّارة الليلية بعد أسابيع من التفاوض|قررت الشركة الإبقاء على الرحلة الأخيرة طوال الشتاء، فعاد الطريق إلى المستشفى مفتوحًا.|ليلى المرساوي
6|world|f|Nachtfähre bleibt: Reederei und Besatzungen einigen sich nach drei Wochen|Die Inseln behalten ihre letzte Verbindung zum Krankenhaus, die Fahrpreise steigen leicht.|Almut Wiesengrund
8|sport|g|Harrowby win from two goals down in the fog|Nobody on the far stand saw the third one, but all of them heard it.|Merle Ashdown
9|culture|h|A concert for one cello and a working lighthouse|The lamp turns every nineteen seconds, and the composer has made it the bar line.|Ottoline Brae
10|climate||Late barley and what it tells of the spring to come||
2|opinion||Let the tide tables be printed again|A screen is a poor thing to hold over the side of a boat.|The editors
1|politics|i|Minister promises a lighthouse keeper for every lighthouse, and means it|The posts return in March; the first two have been advertised.|Maud Achterby
9|culture|j|The quiet rooms: six small museums that ask nothing of you|No audio guide, no shop, and in one case no door.|Marius Feld
4|climate|k|How a marsh learned to hold back a river|Engineers took the wall down in 2019. The water has not come further than the third field since.|Rafe Undersand
3|local||Market hours to change from Thursday||Desmond Fay
5|business|l|Two old shipping houses agree to merge, with a name still to find|Neither wants to come second on the flag.|Gideon Marlowe-Sands
1|science|m|The comet nobody ordered|It came from the wrong side of the sky and will be visible until Friday.|Tobias Wren
8|sport||Rowers finish the coast in nine days and one argument|The record falls by eleven hours.|Kit Fallowes
6|politics||Landtag streitet über die Höhe der Deiche|Ein Meter mehr oder ein Dorf weniger: die Entscheidung fällt im Januar.|Jost Kehrwieder
3|politics||Council opens its accounts a month early|Anyone may now read what the harbour rebuilding cost.|Five Shores Wire
9|opinion||In praise of the second-best seat|You see the orchestra from behind, which is to say that you see it work.|June Abernarth
1|health|n|The surgery that went to sea, and its patients who would not let it leave|Four islands share one doctor and one boat. It is enough, she says, in good weather.|Nora Tisdale
4|science|o|Why gannets do not get headaches|A skull full of air, and a neck that knows when to stop.|Dr Petra Holm
5|technology|p|A radio that needs no battery goes on sale in the market hall|It runs on the signal itself, and it gets two stations.|Abel Northcote
1|world|q|Five countries sign the herring treaty, and one keeps its pen|The last signature may come at the weekend.|Elias Penrow
2|world||Border bridge reopens to walkers|Cars follow when the second arch has been tested.|Five Shores Wire
2|business||Harbour dues unchanged for a fourth year||Five Shores Wire
1|technology||The map that admits what it does not know|Blank parts return to the charts, and captains are pleased.|Tobias Wren
3|sport||Bowls club asks for rain|The green has not been this hard since the old king.|Hattie Orme
1|culture||The last typesetter of Port Linnet teaches her first class|Eleven pupils, three of them over eighty.|Maud Achterby
6|world||Grauwald baut wieder Nachtzüge|Die erste Strecke führt ans Meer.|Friederike Anhalter
7|culture|r|معرض صغير عن البحر في مكتبة المدينة|خرائط قديمة وأصوات من المرفأ.|نادر السندي
2|world|s|Salt caravan reaches the coast after the longest crossing in memory|Forty-one days, two wells that were where the map said, and one that was not.|Five Shores Wire
1|world|t|The embassy with no country|Its flag came down in 1974. Its staff still answer the telephone.|Nora Tisdale
3|world||Sister ports exchange clocks||Joan Pickerell
2|world||Observers report a calm vote in the hill districts|Turnout was the highest since the road was built.|Five Shores Wire
5|world||Grain ships wait for a wind and a signature||Cecily Thring
6|culture|u|Die leise Oper von Ebbenau|Gesungen wird im Sitzen, gehört im Stehen.|Friederike Anhalter
9|culture|v|Paintings found behind the ticket office|Nine harbour views, and the same cat in each.|Ottoline Brae
1|culture||Library lends its first boat|It is due back on the third of May.|Maud Achterby
9|culture||A novel in timetables||Marius Feld
4|science|w|The lake that breathes twice a year|And the one researcher who has heard it do so.|Ines Callowhill
4|science||Slow light, measured slowly|A result that took nine years agrees with one that took an hour.|Dr Petra Holm
1|science||Moss clock runs four days behind||Tobias Wren
4|climate||Rain, counted by those who stood in it|A hundred and twelve gauges, one for each farm.|Rafe Undersand
`

const townBody = `<p>The vote was close, and it was held standing up. At six on Sunday evening, in the long shed where nets used to be dried, 214 members of the crews raised their hands for the night crossing, and 187 for the plan that would have ended it. “We did not vote for overtime,” said one of the mates afterwards. “We voted for the hospital.”</p>
<p>The company had wanted to end the last sailing at nine from the first of December. It gave <a href="https://www.port-courier.example/reasons">three reasons</a>: fuel, the age of the second boat, and the eleven passengers a night who used it in 2024–25.</p>
<h2>What the islands stood to lose</h2>
<p>Those eleven, it turned out, were mostly going to see somebody. A count made by the nurses of the mainland hospital found that two in three had a patient on the other side; the rest worked there. <em>The night boat</em>, their letter said, <em>is a corridor</em>.</p>
<figure><img src="https://www.port-courier.example/inside.jpg" alt="The shed from outside"><figcaption>The net shed on Sunday evening. Photograph: Tobias Wren</figcaption></figure>
<blockquote><p>Nobody plans to be ill at a quarter past nine.</p></blockquote>
<p>The agreement keeps the sailing until the end of March, with a smaller crew and a fare that rises by a tenth. Both sides call it fair, which both sides also said of the last one.</p>
<table><tr><th>Sailing</th><th>Until now</th><th>From December</th></tr><tr><td>Last boat out</td><td>22.40</td><td>22.15</td></tr><tr><td>Crew</td><td>9</td><td>7</td></tr><tr><td>Fare</td><td>4.00</td><td>4.40</td></tr></table>
<p>On the quay the news was received as news is received there. “Well,” said the woman who sells the tickets, and opened the window.</p>`

const townArabic = `<p>صوّت العاملون على العبّارات مساء الأحد لصالح الإبقاء على الرحلة الليلية طوال فصل الشتاء، بعد ثلاثة أسابيع من المفاوضات مع الشركة. وقال أحدهم: «لم نصوّت من أجل ساعات إضافية، بل من أجل المستشفى».</p><p>وكانت الشركة قد أعلنت نيتها إنهاء الرحلة الأخيرة عند الساعة التاسعة اعتبارًا من الأول من ديسمبر، وذكرت لذلك أسبابًا ثلاثة: الوقود، وعمر المركب الثاني، وقلّة الركاب.</p><h2>ما الذي كانت الجزر ستخسره</h2><p>وبيّن إحصاء أجرته ممرضات المستشفى أن اثنين من كل ثلاثة ركّاب كانوا في طريقهم إلى زيارة مريض.</p>`
