namespace Serverless.EventSourcing.Cosmos.Tests;

public sealed class PlaceholderTests
{
    [Fact]
    public void Project_builds() => Assert.Equal("Serverless.EventSourcing.Cosmos.Tests", GetType().Namespace);
}
