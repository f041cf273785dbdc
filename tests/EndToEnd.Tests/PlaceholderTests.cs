namespace Serverless.EndToEnd.Tests;

public sealed class PlaceholderTests
{
    [Fact]
    public void Project_builds() => Assert.Equal("Serverless.EndToEnd.Tests", GetType().Namespace);
}
