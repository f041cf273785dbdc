namespace Serverless.Banking.Tests;

public sealed class PlaceholderTests
{
    [Fact]
    public void Project_builds() => Assert.Equal("Serverless.Banking.Tests", GetType().Namespace);
}
