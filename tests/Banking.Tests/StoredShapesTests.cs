using System.Runtime.CompilerServices;
using Serverless.EventSourcing.Testing;

namespace Serverless.Banking.Tests;

/// <summary>
/// A failing test here means: something stored would be written or read differently. The message says what, and what to do;
/// docs/guides/change-an-event.md says why.
/// </summary>
public sealed class StoredShapesTests
{
    [Fact]
    public void Every_stored_shape_is_that_of_its_version() =>
        StoredShapes.Of(BankingContext.Create()).Check(Folder("StoredShapes"));

    [Fact]
    public void Every_version_of_every_event_is_still_read() =>
        GoldenEvents.Of(BankingContext.Create()).Check(Folder("Golden"), Folder("StoredShapes"));

    private static string Folder(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, name);
}
