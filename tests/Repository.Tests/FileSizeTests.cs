namespace Serverless.Repository.Tests;

/// <summary>A reader can hold a file in their head.</summary>
public sealed class FileSizeTests
{
    [Theory]
    [InlineData("src", 400)]
    [InlineData("tests", 500)]
    public void No_source_file_is_longer_than_the_limit(string folder, int maxLines)
    {
        string[] tooLong =
        [
            .. from path in RepositoryFiles.Find(folder, "*.cs")
               let lines = File.ReadLines(RepositoryFiles.At(path)).Count()
               where lines > maxLines
               select $"{path} has {lines} lines",
        ];
        Assert.Empty(tooLong);
    }
}
