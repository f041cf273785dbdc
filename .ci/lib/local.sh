# The way without containers of docs/guides/run-under-core-tools.md: Azurite from npm and this project's emulator over HTTP, both with
# what local.settings.sample.json says. On them run LocalHost, and Core Tools where they are installed. Sourced by .ci/run and infra/local/check.sh.

azurite_version=3.35.0
azurite_folder=artifacts/azurite
azurite_pid=
local_folder="$log_folder/local"
# Of every storage emulator, and public.
storage_key='Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=='
storage_connection=

# Once per clone.
install_azurite() {
  local installed="$azurite_folder/node_modules/azurite/package.json"
  if ! grep -qF "\"version\": \"$azurite_version\"" "$installed" 2>/dev/null; then
    mkdir -p "$azurite_folder"
    npm install --prefix "$azurite_folder" --no-save --no-package-lock --no-audit --no-fund "azurite@$azurite_version" || return
  fi
  node "$azurite_folder/node_modules/azurite/dist/src/azurite.js" --version
}

# setting <name>: a value of the sample, as it stands there.
setting() {
  node -p 'JSON.parse(require("fs").readFileSync("local.settings.sample.json")).Values[process.argv[1]]' "$1"
}

# On the ports that UseDevelopmentStorage=true means; where they are taken, on others, and the setting then says so.
start_azurite() {
  local ports=(10000 10001 10002) port output="$local_folder/azurite.log" deadline=$((SECONDS + 60))
  storage_connection=$(setting AzureWebJobsStorage)
  [[ $storage_connection == UseDevelopmentStorage=true ]] || { echo "The sample has another storage: $storage_connection"; return 1; }
  for port in "${ports[@]}"; do
    if port_is_taken "$port"; then
      ports=(0 0 0)
      break
    fi
  done
  node "$azurite_folder/node_modules/azurite/dist/src/azurite.js" --location "$local_folder/azurite" --skipApiVersionCheck --disableTelemetry \
    --silent --blobPort "${ports[0]}" --queuePort "${ports[1]}" --tablePort "${ports[2]}" >"$output" 2>&1 &
  azurite_pid=$!
  until (($(grep -c 'successfully listening' "$output") == 3)); do
    if ! kill -0 "$azurite_pid" 2>/dev/null || ((SECONDS > deadline)); then
      cat "$output"
      return 1
    fi
    sleep 0.2
  done
  cat "$output"
  if ((ports[0] == 0)); then
    storage_connection="DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=$storage_key;"
    storage_connection+="BlobEndpoint=$(azurite_address Blob);QueueEndpoint=$(azurite_address Queue);TableEndpoint=$(azurite_address Table);"
  fi
}

azurite_address() {
  sed -n "s|^Azurite $1 service is successfully listening at \(.*\)|\1/devstoreaccount1|p" "$local_folder/azurite.log"
}

stop_azurite() {
  [[ -n $azurite_pid ]] || return 0
  local pid=$azurite_pid deadline=$((SECONDS + 30))
  azurite_pid=
  kill -TERM "$pid" 2>/dev/null
  while kill -0 "$pid" 2>/dev/null; do
    if ((SECONDS > deadline)); then
      kill -KILL "$pid"
      return 1
    fi
    sleep 0.2
  done
  wait "$pid" 2>/dev/null
  ! port_is_taken "$(azurite_address Blob | sed 's|.*:\([0-9]*\)/.*|\1|')"
}

# A second start finds what the first one stored.
start_local_emulator() {
  local port=8081
  if port_is_taken "$port"; then
    port=0
  fi
  start_emulator "$local_folder/emulator.log" dotnet src/CosmosEmulator/bin/Debug/net10.0/Serverless.CosmosEmulator.dll --port "$port" --data "$local_folder/cosmos"
}

# The sample becomes local.settings.json in a folder of its own, with other addresses only where ports were taken.
write_settings() {
  cp host.json "$local_folder/host.json"
  STORAGE="$storage_connection" ENDPOINT="$(sed 's/.*AccountEndpoint=\([^;]*\);.*/\1/' <<<"$emulator_connection")" node -e '
    const fs = require("fs"), sample = fs.readFileSync("local.settings.sample.json", "utf8"), settings = JSON.parse(sample), values = settings.Values;
    values.AzureWebJobsStorage = process.env.STORAGE;
    values.CosmosDB = values.CosmosDB.replace(/:8081\//, ":" + new URL(process.env.ENDPOINT).port + "/");
    fs.writeFileSync(process.argv[1], JSON.stringify(settings, null, 2) + "\n");
    console.log(JSON.stringify(JSON.parse(sample)) === JSON.stringify(settings) ? "the sample as it is" : "the sample on other ports");
  ' "$local_folder/local.settings.json"
}

# From the folder with the settings, as the Functions host would read them.
start_local_host() {
  local program="$PWD/src/LocalHost/bin/Debug/net10.0/Serverless.LocalHost.dll"
  system_log="$log_folder/LocalHost-on-emulators.log"
  (cd "$local_folder" && FunctionsHost__FeedPollDelay=00:00:00.050 exec dotnet "$program" --cosmos setting --port 0) >"$system_log" 2>&1 &
  system_pid=$!
  await_system
}

check_host_storage() {
  check 'storage does what the Functions host needs' env HOST_STORAGE_TEST_CONNECTION="$storage_connection" \
    timeout --kill-after=30 120 dotnet test --no-build --project tests/LocalEmulators.Tests
  count_tests "$last_log"
}

# check_end_to_end <where>: the tests that speak HTTP only, on the system that runs. No key is wanted locally.
check_end_to_end() {
  check "end-to-end tests$1" env SERVERLESS_BASE_URL="$api/api/" SERVERLESS_MASTER_KEY=unused timeout --kill-after=30 300 \
    dotnet test --no-build --project tests/EndToEnd.Tests -- --filter-class '*.CommandTests' '*.TransferTests' '*.InboxTests'
  count_tests "$last_log"
}

events_of_alice() {
  curl --silent --show-error --fail "$api/api/account/alice-1/events"
}

# Both are stopped and started: what was stored is the same, and can be added to.
goes_on_after_a_restart() {
  local before
  before=$(events_of_alice) && [[ $before == *account.opened* ]] \
    && stop_system && stop_emulator \
    && start_local_emulator && write_settings && start_local_host \
    && [[ $(events_of_alice) == "$before" ]] \
    && request "curl -X POST $default_api/api/account/alice-1/deposit -H 'Content-Type: application/json' -d '{\"amount\":{\"minorUnits\":1,\"currency\":\"EUR\"}}'" \
      '200 "account.money-deposited"'
}

core_tools_pid=

# Written after the documentation of Core Tools; nobody has run it so far.
start_core_tools() {
  local port=7071 deadline=$((SECONDS + 300))
  if port_is_taken "$port"; then
    port=7171
  fi
  api="http://localhost:$port"
  # Variables of the environment win over local.settings.json, so a file of the user's own stays as it is.
  local variable
  local -a variables=()
  while IFS= read -r variable; do
    variables+=("$variable")
  done < <(node -p 'Object.entries(JSON.parse(require("fs").readFileSync(process.argv[1])).Values).map(([n, v]) => n + "=" + v).join("\n")' \
    "$local_folder/local.settings.json")
  set -m # A process group of its own: Core Tools start the host, which starts the worker.
  (cd src/FunctionApp && exec env "${variables[@]}" UseCosmosDBExtensionPackage=true func start --port "$port") >"$log_folder/func.log" 2>&1 &
  core_tools_pid=$!
  set +m
  until curl --silent --fail --output /dev/null "$api/api/health"; do
    if ! kill -0 "$core_tools_pid" 2>/dev/null || ((SECONDS > deadline)); then
      cat "$log_folder/func.log"
      return 1
    fi
    sleep 1
  done
}

stop_core_tools() {
  [[ -n $core_tools_pid ]] || return 0
  kill -TERM -- "-$core_tools_pid" 2>/dev/null
  wait "$core_tools_pid" 2>/dev/null
  core_tools_pid=
}

check_core_tools() {
  if ! command -v func >/dev/null; then
    echo '  skipped func start: there are no Core Tools here'
    return
  fi
  if check 'func start' start_core_tools; then
    check 'what was stored is there under Core Tools' events_of_alice
    check_end_to_end ' under Core Tools'
  fi
  check 'stop func' stop_core_tools
}

check_compose() {
  if ! docker compose version >/dev/null 2>&1; then
    echo '  skipped docker compose config: there is no Docker Compose here; tests/LocalEmulators.Tests reads the file'
    return
  fi
  check 'docker compose config' docker compose --file infra/local/compose.yaml config --quiet
}

check_local() {
  check_compose
  if ! command -v npm >/dev/null; then
    echo '  skipped Azurite: there is no npm here'
    return
  fi
  rm -rf "$local_folder" && mkdir -p "$local_folder"
  if check 'install Azurite' install_azurite && check 'start Azurite' start_azurite; then
    check_host_storage
    if check 'start the emulator' start_local_emulator && check 'write local.settings.json' write_settings && check 'start LocalHost on the emulators' start_local_host; then
      check_requests ' on the emulators'
      check_end_to_end ' on the emulators'
      check 'it goes on after a restart' goes_on_after_a_restart
      check 'stop LocalHost' stop_system
      check_core_tools
    fi
    check 'stop the emulator' stop_emulator
  fi
  check 'stop Azurite' stop_azurite
  rm -rf "$local_folder"
}
