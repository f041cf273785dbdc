# Runs named checks, keeps their output in files, counts what passed and failed. Sourced by .ci/run.

checks_passed=0
checks_failed=0
tests_passed=0
tests_failed=0
failures=()
log_folder=artifacts/ci
last_log=

# check "name" command [argument…]: quiet when it passes; when it fails, the tests that did, if any, and the end of its output.
check() {
  local name=$1 started=$SECONDS status=0
  shift
  last_log="$log_folder/${name//[^A-Za-z0-9.-]/-}.log"
  "$@" >"$last_log" 2>&1 || status=$?
  if ((status == 0)); then
    checks_passed=$((checks_passed + 1))
    printf '  ok      %s (%d s)\n' "$name" $((SECONDS - started))
  else
    checks_failed=$((checks_failed + 1))
    failures+=("$name (${last_log})")
    while IFS= read -r test; do failures+=("  ${test#failed }"); done < <(grep '^failed ' "$last_log" | head -n 20)
    printf '  FAILED  %s (%d s, exit status %d); the end of %s:\n' "$name" $((SECONDS - started)) "$status" "$last_log"
    {
      failed_tests "$last_log" | head -n 80
      tail -n "${CHECK_TAIL_LINES:-60}" "$last_log"
    } | sed 's/^/          /'
  fi
  return "$status"
}

# What a run of tests says of each that failed. It stands far from the end: everything that the tests printed comes after it.
failed_tests() {
  awk '/^failed /{ shown = 1; print; next } /^[^ ]/{ shown = 0 } shown' "$1"
}

# sum_of <label> <file>: the numbers after "label:" at the start of a line, added up; 0 when there is none.
sum_of() {
  awk -v label="$1" '$1 == label ":" { sum += $2 } END { print sum + 0 }' "$2"
}

# Adds the summary that Microsoft.Testing.Platform prints at the end of a run to the totals.
count_tests() {
  local log=$1 total failed succeeded
  total=$(sum_of total "$log")
  failed=$(sum_of failed "$log")
  succeeded=$(sum_of succeeded "$log")
  tests_passed=$((tests_passed + succeeded))
  tests_failed=$((tests_failed + failed))
  printf '  tests:  %d in all, %d passed, %d failed, %d skipped\n' \
    "$total" "$succeeded" "$failed" $((total - succeeded - failed))
}

# The last lines of the run: what failed, and how much. Fails when anything failed, and when no test ran: a green run must have proved something.
finish() {
  if ((tests_passed + tests_failed == 0)); then
    echo '  FAILED  no test ran'
    checks_failed=$((checks_failed + 1))
  fi
  if ((${#failures[@]} > 0)); then
    echo 'Failed:'
    printf '  %s\n' "${failures[@]}"
  fi
  printf '%d passed, %d failed\n' $((tests_passed + checks_passed)) $((tests_failed + checks_failed))
  ((tests_failed + checks_failed == 0))
}
