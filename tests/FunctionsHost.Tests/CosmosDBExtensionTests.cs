using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Serverless.FunctionsHost.Tests;

/// <summary>What compiles against the stand-in must compile against the released attribute: its members are a subset of these.</summary>
public sealed class CosmosDBExtensionTests
{
    private static readonly string[] Released =
    [
        "(String databaseName, String containerName)",
        "String ContainerName { get }", "String DatabaseName { get }",
        "String Connection { get set }", "String LeaseConnection { get set }", "String LeaseContainerName { get set }",
        "String LeaseContainerPrefix { get set }", "String LeaseDatabaseName { get set }", "String PreferredLocations { get set }",
        "String StartFromTime { get set }",
        "Boolean CreateLeaseContainerIfNotExists { get set }", "Boolean StartFromBeginning { get set }",
        "Int32 FeedPollDelay { get set }", "Int32 LeaseAcquireInterval { get set }", "Int32 LeaseExpirationInterval { get set }",
        "Int32 LeaseRenewInterval { get set }", "Int32 LeasesContainerThroughput { get set }", "Int32 MaxItemsPerInvocation { get set }",
    ];

    [Fact]
    public void The_stand_in_has_no_member_that_the_released_attribute_lacks()
    {
        Type type = typeof(CosmosDBTriggerAttribute);
        const BindingFlags Own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        IEnumerable<string> members = type.GetMembers(Own).Where(m => m is not MethodInfo { IsSpecialName: true }).Select(Describe);

        Assert.Empty(members.Except(Released));
        Assert.Equal([type], type.Assembly.GetExportedTypes());
        Assert.Equal("Microsoft.Azure.Functions.Worker.Extensions.CosmosDB", type.Assembly.GetName().Name);
        Assert.Equal(typeof(TriggerBindingAttribute), type.BaseType);
    }

    [Fact]
    public void Its_functions_may_have_a_retry_policy() =>
        Assert.Equal(
            ["FunctionLevelRetry"],
            typeof(CosmosDBTriggerAttribute).GetCustomAttributesData().Single(a => a.AttributeType.Name == "BindingCapabilitiesAttribute")
                .ConstructorArguments.SelectMany(a => (IEnumerable<CustomAttributeTypedArgument>)a.Value!).Select(a => (string?)a.Value));

    private static string Describe(MemberInfo member) => member switch
    {
        ConstructorInfo c => $"({string.Join(", ", c.GetParameters().Select(p => $"{p.ParameterType.Name} {p.Name}"))})",
        PropertyInfo p => $"{p.PropertyType.Name} {p.Name} {{ get{(p.GetSetMethod() is null ? "" : " set")} }}",
        _ => member.ToString()!,
    };
}
