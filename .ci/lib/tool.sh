# Packs the emulator as a .NET tool, installs it from the package, and uses it as its README says. Sourced by .ci/run.

tool_folder="$log_folder/tool"
tool_pid=

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

# Starts, answers a request, stops in order.
use_tool() {
  local output="$tool_folder/output" deadline=$((SECONDS + 60)) address status=0
  "$tool_folder/bin/cosmos-emulator" --port 0 --no-auth --data "$tool_folder/data" >"$output" 2>&1 &
  tool_pid=$!
  until grep -q '^Connection string' "$output"; do
    if ! kill -0 "$tool_pid" 2>/dev/null || ((SECONDS > deadline)); then
      cat "$output"
      kill -KILL "$tool_pid" 2>/dev/null
      return 1
    fi
    sleep 0.2
  done
  address=$(sed -n 's/.*AccountEndpoint=\([^;]*\);.*/\1/p' "$output")
  curl --silent --show-error --fail "$address" --dump-header - || status=1
  kill -TERM "$tool_pid"
  wait "$tool_pid" || status=$?
  cat "$output"
  grep -q '^Stopped\.$' "$output" && ((status == 0))
}

check_tool() {
  check 'pack the emulator as a tool' pack_tool \
    && check 'install the tool from its package' install_tool \
    && check 'the tool starts, answers and stops' use_tool
}
