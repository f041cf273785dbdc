using System.Runtime.CompilerServices;
using Serverless.EventSourcing.Testing;

namespace Serverless.Workshop.Tests;

/// <summary>A failing test here means: something stored would be written or read differently. The message says what, and what to do.</summary>
public sealed class StoredShapesTests
{
    [Fact]
    public void Every_stored_shape_is_that_of_its_version() =>
        StoredShapes.Of(WorkshopContext.Create()).Check(Folder("StoredShapes"));

    [Fact]
    public void Every_version_of_every_event_is_still_read() =>
        GoldenEvents.Of(WorkshopContext.Create()).Check(Folder("Golden"), Folder("StoredShapes"));

    private static string Folder(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, name);
}
