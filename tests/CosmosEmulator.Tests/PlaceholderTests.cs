namespace Serverless.CosmosEmulator.Tests;

public sealed class PlaceholderTests
{
    [Fact]
    public void Project_builds() => Assert.Equal("Serverless.CosmosEmulator.Tests", GetType().Namespace);
}
