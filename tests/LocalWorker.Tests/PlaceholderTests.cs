namespace Serverless.LocalWorker.Tests;

public sealed class PlaceholderTests
{
    [Fact]
    public void Project_builds() => Assert.Equal("Serverless.LocalWorker.Tests", GetType().Namespace);
}
