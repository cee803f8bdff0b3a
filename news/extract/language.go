package extract

// checkLanguage returns the claimed language.
func checkLanguage(claimed, text string) string { return claimed }
