# worse.awk reads `benchstat -format csv` of an old and a new side and prints the rows that are significantly worse: a time, a size or a
# rate by more than 10 %, bytes per operation by more than 2 %, allocations per operation at all. It exits with 1 when there is one.
# Rates end in "/s", and more of them is better. Units of peers that are measured for comparison say nothing of us.
BEGIN { FS = "," }
$3 == "CI" { unit = $2; next }
NF < 7 || $6 !~ /%/ || $1 == "geomean" || unit ~ /^(tar|true|posts)/ { next }
{
  change = substr($6, 2) + 0
  if (($6 ~ /^-/) != (unit ~ /\/s$/)) change = -change
  limit = unit == "B/op" ? 2 : unit == "allocs/op" ? 0 : 10
  if (change > limit) { print "worse: " $1 ", " unit " " $6; worse = 1 }
}
END { exit worse }
