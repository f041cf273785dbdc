# The command line tool: as README.md calls it, and as a packed .NET tool. Sourced by .ci/run.

cli_folder="$log_folder/cli"

# The lines of README.md that start the tool, as they are printed there.
readme_tool_commands() {
  grep -E '^dotnet run --project src/Cli ' README.md
}

# In the configuration and without the build that this run has done.
run_readme_tool() {
  local command=${1//$default_api/$api}
  command=${command/dotnet run /dotnet run --no-build }
  echo "$command"
  bash -c "$command"
}

check_readme_tool() {
  local command count=0
  while IFS= read -r command; do
    count=$((count + 1))
    check "tool command $count of the README" run_readme_tool "$command"
  done < <(readme_tool_commands)
  check 'the README has tool commands' test "$count" -gt 0
}

pack_cli() {
  rm -rf "$cli_folder"
  dotnet pack src/Cli --configuration Debug --no-build --output "$cli_folder/packages" --nologo
}

# From this package and no other source: it has everything that it needs.
install_cli() {
  cat >"$cli_folder/nuget.config" <<'XML'
<configuration><packageSources><clear /><add key="packed" value="packages" /></packageSources></configuration>
XML
  dotnet tool install eventctl --tool-path "$cli_folder/bin" --configfile "$cli_folder/nuget.config"
}

# What the running system has goes into a store of its own, and is the same there.
back_up_and_restore() {
  local tool="$cli_folder/bin/eventctl" there
  "$tool" --url "$api" export --out "$cli_folder/commits.jsonl" \
    && "$tool" --store "$cli_folder/data" import "$cli_folder/commits.jsonl" --reason "a restore in .ci/run" \
    && "$tool" --store "$cli_folder/data" store verify \
    && there=$("$tool" --store "$cli_folder/data" export --out - | sort) \
    && [[ $there == "$(sort "$cli_folder/commits.jsonl")" ]]
}

refuses_a_wrong_command() {
  local status=0
  "$cli_folder/bin/eventctl" stream nothing || status=$?
  [[ $status == 2 ]]
}

check_packed_cli() {
  check 'pack the command line tool' pack_cli \
    && check 'install the command line tool from its package' install_cli \
    && check 'the tool backs up and restores' back_up_and_restore \
    && check 'the tool refuses a wrong command' refuses_a_wrong_command
}
