# Turns the output of go build -v into one line that counts: names of packages
# are counted, anything else (downloads, errors) is shown. Where the output is
# not a terminal's, every tenth package gets a line instead.
BEGIN { terminal = (system("test -t 1") == 0) }
/^BUILD-STOPPED$/ { stopped = 1; next }
/^[a-z0-9][A-Za-z0-9._~\/-]*$/ {
  n++
  if (terminal) { printf "\r  compiled %d packages: %-50.50s", n, $0; fflush() }
  else if (n % 10 == 0) { printf "  compiled %d packages\n", n; fflush() }
  next
}
{ if (terminal && n) printf "\r%79s\r", ""; print; fflush() }
END {
  if (terminal && n) printf "\r%79s\r", ""
  if (stopped) exit 1
  if (n > 1) printf "  compiled %d packages\n", n
}
