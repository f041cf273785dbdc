# Makes a solution from this repository as a newcomer would, in folders of its own, and does with it what its README says. Sourced by .ci/run.

# A hyphen is no part of a namespace, and what surrounds the new code has a Task of its own: what is made must be sane all the same.
new_name=Contoso.Dining-Room
template_folder=
new_solution=

dotnet_new() {
  dotnet new "$@" --debug:custom-hive "$template_folder/hive"
}

# The same as .gitignore leaves out must be left out by the template, or a worked-in clone makes another solution than a new one.
make_solution() {
  dotnet_new install . && dotnet_new serverless --name "$new_name" --aggregate Task --output "$new_solution"
}

# Whole words of the bank, and of the template itself, would tell of a name that was forgotten or replaced by half.
has_only_its_own_names() {
  local status=0
  test -f "$new_solution/$new_name.sln" && test -f "$new_solution/src/DiningRoom/Task/TaskRules.cs" || status=1
  (cd "$new_solution" && grep -rIniE \
    'widget|workshop|SolutionName|banking|\bbank|deposit|\bwithdraw(s|al)?\b|overdraft|insufficient-funds|account-[a-z0-9]|[/"]account[/"]|AccountSummary|Serverless\.(LocalHost|FunctionApp|EndToEnd)\b' .) && status=1
  (cd "$new_solution" && find . -iname '*widget*' -o -iname '*workshop*' -o -iname '*bank*' -o -name bin -o -name obj | grep .) && status=1
  grep -q '^name: contoso-dining-room$' "$new_solution/azure.yaml" || status=1
  grep -q '^namespace Contoso.DiningRoom;$' "$new_solution/src/DiningRoom/Task/TaskRules.cs" || status=1
  return "$status"
}

# A document that a comment or a message names is there, or said to be in the clone of Serverless.
has_every_document() {
  local path status=0
  while IFS= read -r path; do
    test -e "$new_solution/$path" || { echo "$path is named and not there:"; (cd "$new_solution" && grep -rIn "$path" .); status=1; }
  done < <(cd "$new_solution" && grep -rIhoP '(?<![\w./-])docs/([\w./-]*\.md\b|decisions|guides)' . | sort -u)
  return "$status"
}

# Every project is in the solution.
has_every_project() {
  diff <(cd "$new_solution" && find src tests -name '*.csproj' | sort) \
    <(dotnet sln "$new_solution/$new_name.sln" list | grep csproj | tr '\\' '/' | sort)
}

# Nothing but the names: given ones, illegal ones, and those that a library, the language or a route has already.
takes_other_names() {
  local other="$template_folder/other" taken="$template_folder/taken" keyword="$template_folder/keyword" foreign="$template_folder/foreign"
  dotnet_new serverless --name 'acme 3.7th shop' --context Selling --output "$other" \
    && test -f "$other/acme 3.7th shop.sln" && test -f "$other/src/Selling/Widget/WidgetRules.cs" \
    && grep -q '^namespace acme3.N7thshop.Selling;$' "$other/src/Selling/SellingContext.cs" \
    && grep -q '^name: acme-3-7th-shop$' "$other/azure.yaml" \
    && dotnet_new serverless --name Contoso.Functions --output "$taken" \
    && test -f "$taken/src/FunctionsDomain/FunctionsDomainContext.cs" \
    && dotnet_new serverless --name acme.internal --aggregate docs --output "$keyword" \
    && grep -q '^namespace acme.internalDomain;$' "$keyword/src/InternalDomain/DocsItem/DocsItemRules.cs" \
    && dotnet_new serverless --name Acme.Task --aggregate 注文 --output "$foreign" \
    && grep -q '^namespace Acme.TaskDomain;$' "$foreign/src/TaskDomain/Widget/WidgetRules.cs"
}

build_solution() {
  (cd "$new_solution" && dotnet build -warnaserror -warnnotaserror:NU1900)
}

# The libraries are as they are here; what was renamed could have lost its order.
format_solution() {
  (cd "$new_solution" && dotnet format "$new_name.sln" --no-restore --verify-no-changes \
    --include src/DiningRoom/ src/LocalHost/ src/Functions/Projections/ src/Cli/Targets/ tests/)
}

test_solution() {
  (cd "$new_solution" && timeout --kill-after=30 300 dotnet test --no-build)
}

start_new_system() {
  system_log="$log_folder/new-solution-LocalHost.log"
  (cd "$new_solution" && exec dotnet run --no-build --project src/LocalHost -- --port 0 --cosmos-port none) >"$system_log" 2>&1 &
  system_pid=$!
  await_system 'Contoso.DiningRoom runs'
}

play_new_demo() {
  (cd "$new_solution" && timeout --kill-after=10 120 dotnet run --no-build --project src/LocalHost -- --demo)
}

uninstall_template() {
  dotnet_new uninstall "$PWD" && ! dotnet_new list serverless
}

remove_template() {
  [[ -n $template_folder ]] && rm -rf "$template_folder"
}

check_template() {
  local command expected count=0
  template_folder=$(mktemp -d)
  new_solution="$template_folder/$new_name"
  check 'make a solution from the template' make_solution || return
  check 'the solution has its own names and no others' has_only_its_own_names
  check 'the solution has every project' has_every_project
  check 'the solution has every document that it names' has_every_document
  check 'the template takes other names' takes_other_names
  check 'build the new solution without warnings' build_solution || return
  check 'format of the new solution' format_solution
  check 'test the new solution' test_solution
  count_tests "$last_log"
  if check 'start the new system' start_new_system; then
    while IFS=$'\t' read -r command expected; do
      count=$((count + 1))
      check "request $count of the new README" request "$command" "$expected"
    done < <(readme_requests "$new_solution/README.md")
    check 'the new README has requests' test "$count" -gt 0
  fi
  check 'stop the new system' stop_system
  check 'the demo of the new solution' play_new_demo
  check 'uninstall the template' uninstall_template
}
