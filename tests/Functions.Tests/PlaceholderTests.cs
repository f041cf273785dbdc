namespace Serverless.Functions.Tests;

public sealed class PlaceholderTests
{
    [Fact]
    public void Project_builds() => Assert.Equal("Serverless.Functions.Tests", GetType().Namespace);
}
