using System.Text.Json.Nodes;
using Serverless.CosmosEmulator.Charges;
using Serverless.CosmosEmulator.Resources;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Charges;

/// <summary>The cases are rows of <c>paths.txt</c>.</summary>
public sealed class IndexedPathsTests
{
    public static TheoryData<string, string, string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string, string, string>();
            foreach (string[] parts in CaseLines.Read("paths.txt"))
            {
                data.Add(parts[0], parts[1], parts[2], parts[3]);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_more_precise_path_decides(string included, string excluded, string path, string expected)
    {
        var container = new JsonObject
        {
            ["indexingPolicy"] = new JsonObject { ["includedPaths"] = Entries(included), ["excludedPaths"] = Entries(excluded) },
        };
        IndexingPolicy.CheckAndComplete(container);

        Assert.Equal(expected == "yes", IndexedPaths.From(container["indexingPolicy"]!.AsObject()).Includes(path));
    }

    [Fact]
    public void Without_an_index_nothing_but_id_and_timestamp_is_indexed()
    {
        var container = new JsonObject { ["indexingPolicy"] = new JsonObject { ["indexingMode"] = "none", ["automatic"] = false } };
        IndexingPolicy.CheckAndComplete(container);
        var paths = IndexedPaths.From(container["indexingPolicy"]!.AsObject());

        Assert.True(paths.IsNothing);
        Assert.True(paths.Includes("/id"));
        Assert.False(paths.Includes("/a"));
    }

    private static JsonArray Entries(string path) => path == "-" ? [] : [new JsonObject { ["path"] = path }];
}
