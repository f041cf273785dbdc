using System.Collections.Frozen;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Configuration;
using Serverless.EventSourcing;

namespace Serverless.Functions.Http;

/// <summary>
/// Who may do what, by settings, on top of the keys: <c>Roles__account=teller,auditor</c> for all commands and streams of a category,
/// <c>Roles__account__freeze=supervisor</c> for one command, which then goes by that alone, <c>Roles__views__account_summary=teller</c> for a
/// view (<c>Roles__views</c> for the others), and <c>Roles__manage__read</c>, <c>__operate</c> and <c>__store</c> for management. Without a
/// setting, commands, streams, and views are open to every key, and management is closed. Where a name has a hyphen its setting has an
/// underscore: App Service takes no hyphen in the name of a setting.
/// </summary>
public sealed class RoleRules
{
    /// <summary>The settings are below this name.</summary>
    public const string Section = "Roles";

    private const string Views = "views";
    private const string Management = "manage";

    private readonly Caller caller;
    private readonly FrozenDictionary<string, FrozenSet<string>> rules;

    /// <exception cref="ArgumentException">A setting names something that does not exist, or no role: it would protect nothing.</exception>
    public RoleRules(IConfiguration configuration, FrozenDictionary<string, IAggregateEndpoint> aggregates, BoundedContext context, Caller caller)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(aggregates);
        ArgumentNullException.ThrowIfNull(context);
        this.caller = caller;
        FrozenSet<string> views = context.Projections.Select(p => p.Name).ToFrozenSet(StringComparer.Ordinal);
        FrozenSet<string> rights = Enum.GetValues<ManagementRight>().Select(NameOf).ToFrozenSet(StringComparer.Ordinal);
        Dictionary<string, FrozenSet<string>> read = new(StringComparer.Ordinal);
        foreach (IConfigurationSection group in configuration.GetSection(Section).GetChildren())
        {
            string kind = group.Key switch { Views => "view", Management => "right", _ => "command" };
            Func<string, bool> isKnown = group.Key switch
            {
                Views => views.Contains,
                Management => rights.Contains,
                _ when aggregates.TryGetValue(group.Key, out IAggregateEndpoint? aggregate) => aggregate.HasCommand,
                _ => throw new ArgumentException($"The setting {Section}__{group.Key} names no category.", nameof(configuration)),
            };
            foreach (IConfigurationSection item in group.GetChildren())
            {
                string name = item.Key.Replace('_', '-');
                if (!isKnown(name))
                {
                    throw new ArgumentException($"The setting {Section}__{group.Key}__{item.Key} names no {kind}.", nameof(configuration));
                }
                if (!read.TryAdd($"{group.Key}/{name}", RolesIn(item)))
                {
                    throw new ArgumentException($"The setting {Section}__{group.Key}__{item.Key} exists twice, with a hyphen and with an underscore.", nameof(configuration));
                }
            }
            if (group.Value is not null)
            {
                read.Add(group.Key, group.Key == Management
                    ? throw new ArgumentException($"The setting {Section}__{Management} names no right: set {string.Join(", ", rights.Order().Select(r => $"{Section}__{Management}__{r}"))}.", nameof(configuration))
                    : RolesIn(group));
            }
        }
        rules = read.ToFrozenDictionary(StringComparer.Ordinal);
        Leaks = [.. LeaksIn(context)];
    }

    /// <summary>The setting that gives a right, as configuration names it.</summary>
    public static string SettingOf(ManagementRight right) => $"{Section}:{Management}:{NameOf(right)}";

    /// <summary>What the rules of a category do not cover although it shows or changes its streams; one sentence each, with the remedy.</summary>
    public IReadOnlyList<string> Leaks { get; }

    /// <summary>Returns when the caller may send a command, or look at a stream when there is none.</summary>
    /// <exception cref="ProblemException">The caller has none of the roles that this takes.</exception>
    public void Check(HttpRequestData request, string category, string? command = null)
    {
        if (!IsOpen(request, category, command))
        {
            throw Forbidden(command is null ? $"Streams of '{category}' are not open to this caller." : $"'{command}' of '{category}' is not open to this caller.");
        }
    }

    /// <summary>
    /// Returns when the caller may look at a stream, or may send the command whose outcome is asked for. Whether a command exists is shown
    /// only to callers who may look at the stream.
    /// </summary>
    /// <exception cref="ProblemException">The caller has none of the roles that this takes.</exception>
    public void CheckOutcome(HttpRequestData request, string category, string? command)
    {
        if (command is null || !IsOpen(request, category, command))
        {
            Check(request, category);
        }
    }

    /// <summary>Returns when the caller may read a view.</summary>
    /// <exception cref="ProblemException">The caller has none of the roles that this takes.</exception>
    public void CheckView(HttpRequestData request, string view)
    {
        if (!MayRead(request, view))
        {
            throw Forbidden($"The view '{view}' is not open to this caller.");
        }
    }

    public bool MayRead(HttpRequestData request, string view) => IsOpen(request, Views, view);

    /// <summary>Returns when the caller has the right. Without a setting for it nobody has it.</summary>
    /// <exception cref="ProblemException">The caller has none of the roles that this takes.</exception>
    public void Check(HttpRequestData request, ManagementRight right)
    {
        if (!rules.TryGetValue($"{Management}/{NameOf(right)}", out FrozenSet<string>? roles) || !caller.RolesOf(request).Overlaps(roles))
        {
            throw Forbidden($"This takes the right '{NameOf(right)}', which the setting {Section}__{Management}__{NameOf(right)} gives to roles and keys.");
        }
    }

    private IEnumerable<string> LeaksIn(BoundedContext context)
    {
        FrozenSet<string> guarded = rules.Keys.Select(k => k.Split('/')[0]).Where(k => k is not (Views or Management)).ToFrozenSet(StringComparer.Ordinal);
        foreach (IProjection view in context.Projections.DistinctBy(p => p.Name))
        {
            if (view.Categories.FirstOrDefault(guarded.Contains) is { } category && !rules.ContainsKey(Views) && !rules.ContainsKey($"{Views}/{view.Name}"))
            {
                yield return $"Role rules protect '{category}', but every key can read the view '{view.Name}' that is built from it. Set {Section}__{Views}__{view.Name.Replace('-', '_')}.";
            }
        }
        foreach (IProcessManager process in context.Processes.Where(_ => guarded.Count > 0))
        {
            if (process.Categories.FirstOrDefault(c => !guarded.Contains(c)) is { } open)
            {
                yield return $"The process '{process.Name}' sends commands without a role check, and every key can start it through '{open}'. Set {Section}__{open} if it changes protected streams.";
            }
        }
    }

    private bool IsOpen(HttpRequestData request, string group, string? name) =>
        !((name is not null && rules.TryGetValue($"{group}/{name}", out FrozenSet<string>? roles)) || rules.TryGetValue(group, out roles))
        || caller.RolesOf(request).Overlaps(roles);

    private static string NameOf(ManagementRight right) => right switch
    {
        ManagementRight.Read => "read",
        ManagementRight.Operate => "operate",
        _ => "store",
    };

    private static ProblemException Forbidden(string detail) => new(new Problem(ProblemKind.Forbidden, detail));

    private static FrozenSet<string> RolesIn(IConfigurationSection setting)
    {
        FrozenSet<string> roles = (setting.Value ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ToFrozenSet(StringComparer.Ordinal);
        return roles.Count > 0 ? roles : throw new ArgumentException($"The setting {setting.Path.Replace(":", "__", StringComparison.Ordinal)} names no role.", nameof(setting));
    }
}
