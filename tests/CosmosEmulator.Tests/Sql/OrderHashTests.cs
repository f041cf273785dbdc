using System.Globalization;
using System.Reflection;
using System.Text;
using CsCheck;
using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Sql.Values;

namespace Serverless.CosmosEmulator.Tests.Sql;

/// <summary>The hash of arrays and objects is the one that the SDK computes, which no public member of it shows.</summary>
public sealed class OrderHashTests
{
    private static readonly Assembly Client = typeof(CosmosClient).Assembly;

    private static readonly Gen<string> Json = Gen.Recursive<string>((depth, inner) => depth > 3 ? Scalar() : Gen.OneOf(
        Scalar(),
        inner.Array[0, 3].Select(items => $"[{string.Join(",", items)}]"),
        inner.Array[0, 3].Select(items => $"{{{string.Join(",", items.Select((item, i) => $"\"{(char)('a' + i)}é\":{item}"))}}}")));

    [Fact]
    public void Any_value_has_the_hash_of_the_SDK() => Json.Sample(
        json => Assert.Equal(Expected(json), Actual(json)),
        iter: 1000);

    [Theory]
    [InlineData("9007199254740993")]
    [InlineData("-9007199254740993")]
    [InlineData("9223372036854775807")]
    [InlineData("-9223372036854775807")]
    [InlineData("0.1")]
    [InlineData("-0.0")]
    [InlineData("1e300")]
    [InlineData("[[],{},null,true,false,\"\"]")]
    public void A_value_at_the_edge_has_the_hash_of_the_SDK(string json) => Assert.Equal(Expected(json), Actual(json));

    private static Gen<string> Scalar() => Gen.OneOf(
        Gen.OneOf("null", "true", "false", "1.5", "\"é\"", "\"a\\nb\"", "[]", "{}"),
        Gen.Long.Select(value => value.ToString(CultureInfo.InvariantCulture)),
        Gen.Int.Select(value => value.ToString(CultureInfo.InvariantCulture)));

    private static string Actual(string json)
    {
        UInt128 hash = OrderHash.Of(JsonText.Read(Encoding.UTF8.GetBytes(json)));
        return hash.ToString("x32", CultureInfo.InvariantCulture);
    }

    private static string Expected(string json)
    {
        const BindingFlags Static = BindingFlags.Static | BindingFlags.Public;
        Type element = Client.GetType("Microsoft.Azure.Cosmos.CosmosElements.CosmosElement", throwOnError: true)!;
        object parsed = element.GetMethods(Static).Single(method =>
            method is { Name: "Parse", IsGenericMethod: false } && method.GetParameters().Length == 1).Invoke(null, [json])!;
        Type distinct = Client.GetType("Microsoft.Azure.Cosmos.Query.Core.Pipeline.Distinct.DistinctHash", throwOnError: true)!;
        object hash = distinct.GetMethods(Static).Single(method => method.Name == "GetHash" && method.GetParameters().Length == 1).Invoke(null, [parsed])!;
        ulong low = (ulong)hash.GetType().GetMethod("GetLow")!.Invoke(hash, null)!;
        ulong high = (ulong)hash.GetType().GetMethod("GetHigh")!.Invoke(hash, null)!;
        return OrderHash.FromHalves(low, high).ToString("x32", CultureInfo.InvariantCulture);
    }
}
