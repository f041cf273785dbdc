# Runs the commands of README.md as they are printed there. Sourced by .ci/run.
#
# A line "curl …" in a bash block is a request. The comment below it says what it answers: the status, then parts of the body
# with "…" between them:
#   curl http://localhost:7071/api/health
#   # 200 {"status":"healthy"}

run_command='dotnet run --project src/LocalHost'
demo_command="$run_command -- --demo"
default_api='http://localhost:7071'
system_pid=
system_log=
api=

# readme_requests [file]: one request per line: the curl command, a tab, what its comment says.
readme_requests() {
  awk '
    /^```/ { in_bash = !in_bash && $0 == "```bash"; next }
    !in_bash { next }
    command != "" && /^# / { print command "\t" substr($0, 3); command = ""; next }
    command != "" && !continued { print command "\t"; command = "" }
    /^curl / || continued {
      continued = sub(/\\$/, "")
      sub(/^ +/, "")
      command = command $0
    }
    END { if (command != "") print command "\t" }
  ' "${1:-README.md}"
}

port_is_taken() {
  (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

start_system() {
  grep -qxF "$run_command" README.md || { echo "README.md does not say: $run_command"; return 1; }
  local command=$run_command
  if port_is_taken 7071 || port_is_taken 8081; then
    command="$run_command -- --port 0 --cosmos-port 0"
  fi
  system_log="$log_folder/LocalHost.log"
  echo "$command"
  $command >"$system_log" 2>&1 &
  system_pid=$!
  await_system
}

# await_system [greeting]: returns when LocalHost says that it runs, and where.
await_system() {
  local deadline=$((SECONDS + 300))
  until grep -qF "${1:-Serverless runs}" "$system_log"; do
    if ! kill -0 "$system_pid" 2>/dev/null || ((SECONDS > deadline)); then
      cat "$system_log"
      return 1
    fi
    sleep 0.2
  done
  # "  API        http://localhost:7071/api"
  api=$(awk '$1 == "API" { sub(/\/api$/, "", $2); print $2; exit }' "$system_log")
  cat "$system_log"
  [[ -n $api ]]
}

# By its id only; dotnet run passes the signal on and waits.
stop_system() {
  [[ -n $system_pid ]] || return 0
  kill -TERM "$system_pid" 2>/dev/null
  local deadline=$((SECONDS + 30))
  while kill -0 "$system_pid" 2>/dev/null; do
    if ((SECONDS > deadline)); then
      kill -KILL "$system_pid"
      echo 'did not stop within 30 seconds'
      return 1
    fi
    sleep 0.2
  done
  wait "$system_pid" 2>/dev/null
  system_pid=
  ! port_is_taken "${api##*:}"
}

# request <curl command> <expectation>: views follow the commits with a delay, so what is not yet there is asked for again.
request() {
  local command=${1//$default_api/$api} expected=$2 deadline=$((SECONDS + 20)) answer status body
  echo "$command"
  while true; do
    answer=$(CURL_HOME=.ci bash -c "$command" 2>&1)
    status=${answer##*$'\n'}
    body=${answer%$'\n'*}
    if answers_as_expected "$status" "$body" "$expected"; then
      printf '%s\n%s\n' "$status" "$body"
      return 0
    fi
    if ((SECONDS > deadline)); then
      printf 'expected: %s\nanswered: %s %s\n' "$expected" "$status" "$body"
      return 1
    fi
    sleep 0.3
  done
}

answers_as_expected() {
  local status=$1 body=$2 expected=$3 part
  [[ -n $expected && $status == "${expected%% *}" ]] || return 1
  [[ $expected == *' '* ]] || return 0
  while IFS= read -r part; do
    [[ $body == *"$part"* ]] || return 1
  done < <(sed 's/…/\n/g' <<<"${expected#* }" | sed '/^[[:space:]]*$/d')
}

run_demo() {
  grep -qxF "$demo_command" README.md || { echo "README.md does not say: $demo_command"; return 1; }
  timeout --kill-after=10 180 $demo_command
}

# Every request, in its order, on the system that runs.
check_requests() {
  local where=$1 command expected count=0
  while IFS=$'\t' read -r command expected; do
    count=$((count + 1))
    check "request $count of the README$where" request "$command" "$expected"
  done < <(readme_requests)
  check "the README has requests$where" test "$count" -gt 0
}

check_readme() {
  if check 'start the system' start_system; then
    check_requests ''
    check_description
    check_readme_tool
    check_packed_cli
  fi
  check 'stop the system' stop_system
  check 'the demo' run_demo
}
