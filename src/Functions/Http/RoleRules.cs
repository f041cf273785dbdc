using System.Collections.Frozen;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Configuration;
using Serverless.EventSourcing;

namespace Serverless.Functions.Http;

/// <summary>
/// Who may do what, by settings, on top of the keys: <c>Roles__account=teller,auditor</c> for all commands and streams of a category, and
/// <c>Roles__account__freeze=supervisor</c> for one command, which then goes by that alone. What no setting names is open to every key.
/// Where a command has a hyphen its setting has an underscore: App Service takes no hyphen in the name of a setting.
/// </summary>
public sealed class RoleRules
{
    /// <summary>The settings are below this name.</summary>
    public const string Section = "Roles";

    private readonly Caller caller;
    private readonly FrozenDictionary<string, FrozenSet<string>> rules;

    /// <exception cref="ArgumentException">A setting names a category or command that there is not, or no role: it would protect nothing.</exception>
    public RoleRules(IConfiguration configuration, FrozenDictionary<string, IAggregateEndpoint> aggregates, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(aggregates);
        this.caller = caller;
        Dictionary<string, FrozenSet<string>> read = new(StringComparer.Ordinal);
        foreach (IConfigurationSection category in configuration.GetSection(Section).GetChildren())
        {
            if (!aggregates.TryGetValue(category.Key, out IAggregateEndpoint? aggregate))
            {
                throw new ArgumentException($"The setting {Section}__{category.Key} names no category.", nameof(configuration));
            }
            foreach (IConfigurationSection command in category.GetChildren())
            {
                string name = command.Key.Replace('_', '-');
                if (!aggregate.HasCommand(name))
                {
                    throw new ArgumentException($"The setting {Section}__{category.Key}__{command.Key} names no command.", nameof(configuration));
                }
                if (!read.TryAdd($"{category.Key}/{name}", RolesIn(command)))
                {
                    throw new ArgumentException($"The setting {Section}__{category.Key}__{command.Key} is there twice, with a hyphen and with an underscore.", nameof(configuration));
                }
            }
            if (category.Value is not null)
            {
                read.Add(category.Key, RolesIn(category));
            }
        }
        rules = read.ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Returns when the caller may send a command, or look at a stream when there is none.</summary>
    /// <exception cref="ProblemException">The caller has none of the roles that this takes.</exception>
    public void Check(HttpRequestData request, string category, string? command = null)
    {
        if (!IsOpen(request, category, command))
        {
            throw new ProblemException(new Problem(
                ProblemKind.Forbidden, command is null ? $"Streams of '{category}' are not open to this caller." : $"'{command}' of '{category}' is not open to this caller."));
        }
    }

    /// <summary>
    /// Returns when the caller may look at a stream, or may send the command whose outcome is asked for. Of a command that is not there only
    /// those learn it who may look at the stream.
    /// </summary>
    /// <exception cref="ProblemException">The caller has none of the roles that this takes.</exception>
    public void CheckOutcome(HttpRequestData request, string category, string? command)
    {
        if (command is null || !IsOpen(request, category, command))
        {
            Check(request, category);
        }
    }

    private bool IsOpen(HttpRequestData request, string category, string? command) =>
        !((command is not null && rules.TryGetValue($"{category}/{command}", out FrozenSet<string>? roles)) || rules.TryGetValue(category, out roles))
        || caller.RolesOf(request).Overlaps(roles);

    private static FrozenSet<string> RolesIn(IConfigurationSection setting)
    {
        FrozenSet<string> roles = (setting.Value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToFrozenSet(StringComparer.Ordinal);
        return roles.Count > 0 ? roles : throw new ArgumentException($"The setting {setting.Path.Replace(":", "__", StringComparison.Ordinal)} names no role.", nameof(setting));
    }
}
