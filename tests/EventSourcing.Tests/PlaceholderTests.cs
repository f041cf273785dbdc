namespace Serverless.EventSourcing.Tests;

public sealed class PlaceholderTests
{
    [Fact]
    public void Project_builds() => Assert.Equal("Serverless.EventSourcing.Tests", GetType().Namespace);
}
