using System.Text.Json;
using Serverless.CosmosEmulator.Hashing;

namespace Serverless.CosmosEmulator.Tests.Hashing;

public sealed class EffectivePartitionKeyTests
{
    [Theory] // The vectors of COSMOS-PROTOCOL §6, checked against the SDK's own computation.
    [InlineData("""["a"]""", "3A5381E1114EB8D3FCC90795045B49B7")]
    [InlineData("""[""]""", "32E9366E637A71B4E710384B2F4970A0")]
    [InlineData("""["é"]""", "007199F104E04116EE25AF912CA4889B")]
    [InlineData("[5.0]", "19C08621B135968252FB34B4CF66F811")]
    [InlineData("[5]", "19C08621B135968252FB34B4CF66F811")]
    [InlineData("[5e0]", "19C08621B135968252FB34B4CF66F811")]
    [InlineData("[true]", "0E711127C5B5A8E4726AC6DD306A3E59")]
    [InlineData("[false]", "2FE1BE91E90A3439635E0E9E37361EF2")]
    [InlineData("[null]", "378867E4430E67857ACE5C908374FE16")]
    [InlineData("[{}]", "11622DAA78F835834610ABE56EFF5CB5")]
    public void A_single_key_hashes_as_clients_hash_it(string key, string expected) =>
        Assert.Equal(expected, EffectivePartitionKey.Compute(Components(key), hierarchical: false));

    [Theory]
    [InlineData("""["t1"]""", "3D48BB14DA9D090D22112C96695028B6")]
    [InlineData("""["t1","s1"]""", "3D48BB14DA9D090D22112C96695028B62924A879AFFF52A411F93F1A83532751")]
    public void A_hierarchical_key_is_the_concatenation_of_its_components(string key, string expected) =>
        Assert.Equal(expected, EffectivePartitionKey.Compute(Components(key), hierarchical: true));

    [Fact]
    public void A_long_string_does_not_need_the_stack()
    {
        string key = EffectivePartitionKey.Compute([new StringComponent(new string('x', 2000))], hierarchical: false);
        Assert.Equal(32, key.Length);
        Assert.InRange(key[0], '0', '3');
    }

    private static PartitionKeyComponent[] Components(string key)
    {
        using JsonDocument document = JsonDocument.Parse(key);
        return [.. document.RootElement.EnumerateArray().Select(PartitionKeyComponent.From)];
    }
}
