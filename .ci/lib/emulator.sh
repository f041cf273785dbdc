# The emulator as a program: packed, installed and used as a tool, and as the database of the integration tests. Sourced by .ci/run.

tool_folder="$log_folder/tool"
emulator_pid=
emulator_connection=

# start_emulator <file for its output> <command…>: returns when it is ready.
start_emulator() {
  local output=$1 deadline=$((SECONDS + 60))
  shift
  "$@" >"$output" 2>&1 &
  emulator_pid=$!
  until emulator_connection=$(sed -n 's/^Connection string[^:]*: //p' "$output") && [[ -n $emulator_connection ]]; do
    if ! kill -0 "$emulator_pid" 2>/dev/null || ((SECONDS > deadline)); then
      cat "$output"
      return 1
    fi
    sleep 0.2
  done
}

# By its id only. Fails unless it ends in order.
stop_emulator() {
  [[ -n $emulator_pid ]] || return 0
  local pid=$emulator_pid status=0 deadline=$((SECONDS + 30))
  emulator_pid=
  kill -TERM "$pid" 2>/dev/null
  while kill -0 "$pid" 2>/dev/null; do
    if ((SECONDS > deadline)); then
      kill -KILL "$pid"
    fi
    sleep 0.2
  done
  wait "$pid" || status=$?
  return "$status"
}

pack_tool() {
  rm -rf "$tool_folder"
  dotnet pack src/CosmosEmulator --configuration Debug --no-build --output "$tool_folder/packages" --nologo
}

# From this package and no other source: it has everything that it needs.
install_tool() {
  cat >"$tool_folder/nuget.config" <<'XML'
<configuration><packageSources><clear /><add key="packed" value="packages" /></packageSources></configuration>
XML
  dotnet tool install Serverless.CosmosEmulator.Tool --tool-path "$tool_folder/bin" --configfile "$tool_folder/nuget.config"
}

use_tool() {
  local output="$tool_folder/output" status=0 address
  start_emulator "$output" "$tool_folder/bin/cosmos-emulator" --port 0 --no-auth --data "$tool_folder/data" || return 1
  address=${emulator_connection#*=}
  curl --silent --show-error --fail --dump-header - "${address%%;*}" || status=1
  stop_emulator || status=1
  cat "$output"
  grep -q '^Stopped\.$' "$output" && ((status == 0))
}

check_tool() {
  check 'pack the emulator as a tool' pack_tool \
    && check 'install the tool from its package' install_tool \
    && check 'the tool starts, answers and stops' use_tool
}
