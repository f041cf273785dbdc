// What main.bicepparam makes of environment variables. An empty one counts as unset: a workflow passes what it has no value for as empty.

@export()
func text(value string, fallback string) string => empty(value) ? fallback : value

@export()
func flag(value string, fallback bool) bool => empty(value) ? fallback : bool(value)

@export()
func number(value string, fallback int) int => empty(value) ? fallback : int(value)

@export()
@description('The parts of a list with commas.')
func list(value string) string[] => filter(split(replace(value, ' ', ''), ','), part => !empty(part))
