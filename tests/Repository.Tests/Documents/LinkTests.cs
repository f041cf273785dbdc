namespace Serverless.Repository.Tests.Documents;

public sealed class LinkTests
{
    [Fact]
    public void Every_link_within_the_repository_leads_somewhere()
    {
        string[] broken =
        [
            .. from document in MarkdownFile.All
               from link in document.Links()
               where !link.Target.Contains("://", StringComparison.Ordinal) && !Leads(document, link.Target)
               select $"{document.Path}:{link.Line}: {link.Target}",
        ];
        Assert.Empty(broken);
    }

    private static bool Leads(MarkdownFile document, string target)
    {
        string[] parts = target.Split('#', 2);
        string path = parts[0].Length == 0
            ? document.Path
            : Path.GetRelativePath(RepositoryFiles.Root, Path.Combine(RepositoryFiles.At(document.Path), "..", parts[0]));
        string full = RepositoryFiles.At(path);
        return parts.Length == 1
            ? File.Exists(full) || Directory.Exists(full)
            : File.Exists(full) && MarkdownFile.Of(path).Anchors().Contains(parts[1]);
    }
}
