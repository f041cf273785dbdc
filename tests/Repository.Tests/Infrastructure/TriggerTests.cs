using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Azure.Functions.Worker;
using Serverless.EventSourcing.Cosmos;

namespace Serverless.Repository.Tests.Infrastructure;

/// <summary>Whatever a change-feed function names by a string exists in the deployment.</summary>
public sealed partial class TriggerTests(DefaultDeployment deployment)
{
    private static readonly IReadOnlyList<(string Function, CosmosDBTriggerAttribute Trigger)> Triggers = [.. All<CosmosDBTriggerAttribute>()];

    private static IEnumerable<(string Function, T Trigger)> All<T>()
        where T : Attribute =>
        from type in typeof(Functions.ServiceRegistration).Assembly.GetTypes()
        from method in type.GetMethods()
        let function = method.GetCustomAttribute<FunctionAttribute>()
        where function is not null
        from parameter in method.GetParameters()
        let trigger = parameter.GetCustomAttribute<T>()
        where trigger is not null
        select (function.Name, trigger);

    [Fact]
    public void There_are_change_feed_functions_to_check() => Assert.NotEmpty(Triggers);

    [Fact]
    public void Every_setting_in_a_trigger_is_an_app_setting()
    {
        IReadOnlyDictionary<string, string> settings = deployment.AppSettings();
        foreach ((string function, CosmosDBTriggerAttribute trigger) in Triggers)
        {
            AssertHasSettings(function, trigger.DatabaseName, trigger.ContainerName, trigger.LeaseContainerName, trigger.LeaseContainerPrefix);
        }
        foreach ((string function, TimerTriggerAttribute timer) in All<TimerTriggerAttribute>())
        {
            AssertHasSettings(function, timer.Schedule);
        }

        void AssertHasSettings(string function, params IEnumerable<string?> texts)
        {
            foreach (string setting in texts.SelectMany(t => SettingExpression().Matches(t ?? "")).Select(m => m.Groups[1].Value))
            {
                Assert.True(settings.ContainsKey(setting), $"{function} asks for %{setting}%.");
            }
        }
    }

    [Fact]
    public void Every_connection_of_a_trigger_is_made_with_the_identity()
    {
        IReadOnlyDictionary<string, string> settings = deployment.AppSettings();
        foreach (string connection in Triggers.SelectMany(t => (string?[])[t.Trigger.Connection, t.Trigger.LeaseConnection ?? t.Trigger.Connection])
            .Select(c => c ?? "CosmosDB").Append(CosmosSettings.ConnectionSetting).Distinct())
        {
            Assert.Contains($"{connection}__accountEndpoint", settings.Keys);
            Assert.Equal("managedidentity", settings[$"{connection}__credential"]);
            Assert.Contains($"{connection}__clientId", settings.Keys);
        }
    }

    [Fact]
    public void Every_container_of_a_trigger_is_deployed()
    {
        var containers = deployment.Find("Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers");
        foreach ((string function, CosmosDBTriggerAttribute trigger) in Triggers)
        {
            Assert.True(containers.ContainsKey(trigger.ContainerName), $"{function} watches {trigger.ContainerName}.");
            Assert.True(containers.ContainsKey(trigger.LeaseContainerName ?? "leases"), $"{function} keeps leases in {trigger.LeaseContainerName}.");
        }
    }

    [Fact]
    public void No_two_functions_share_a_lease_prefix()
    {
        // Two that did would each get a part of the feed, and each think it was all.
        var shared = Triggers.GroupBy(t => (t.Trigger.ContainerName, t.Trigger.LeaseContainerPrefix ?? "")).Where(g => g.Count() > 1);
        Assert.Empty(shared.Select(g => string.Join(", ", g.Select(t => t.Function))));
    }

    [Fact]
    public void The_database_is_the_one_that_the_app_asks_for()
    {
        string name = deployment.AppSettings()[CosmosSettings.DatabaseSetting];
        Assert.Contains(name, deployment.Find("Microsoft.DocumentDB/databaseAccounts/sqlDatabases").Keys);
    }

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex SettingExpression();
}
