namespace Serverless.CosmosEmulator.Durability;

/// <summary>Why a data directory can't be used. Each message names the file or directory and fits on one line.</summary>
public abstract class StoreException : IOException
{
    private protected StoreException(string path, string message, Exception? inner)
        : base(message, inner) => Path = path;

    public string Path { get; }
}

/// <summary>Another process, or another emulator in this one, has the directory.</summary>
public sealed class StoreLockedException : StoreException
{
    internal StoreLockedException(string directory, string? owner, Exception inner)
        : base(directory, $"The data directory '{directory}' is in use by {owner ?? "another process"}.", inner)
    {
    }
}

/// <summary>A file holds something that this emulator has not written. Nothing was changed in it.</summary>
public sealed class StoreCorruptException : StoreException
{
    internal StoreCorruptException(string file, string finding, Exception? inner = null)
        : base(file, $"The file '{file}' is damaged: {finding} Restore the data directory from a copy, or start with an empty one.", inner)
    {
    }
}

/// <summary>A newer emulator has written the file.</summary>
public sealed class StoreVersionException : StoreException
{
    internal StoreVersionException(string file, int format, int known)
        : base(file, $"The file '{file}' has format {format}, but this version of the emulator knows only formats up to {known}.", null)
    {
    }
}

/// <summary>The operating system or the engine could not do what was asked: no space, no permission, a failing disk.</summary>
public sealed class StoreFailedException : StoreException
{
    internal StoreFailedException(string file, string finding)
        : base(file, $"The file '{file}' can't be used: {finding}.", null)
    {
    }

    private StoreFailedException(string path, string message, Exception? inner)
        : base(path, message, inner)
    {
    }

    internal static StoreFailedException OfDirectory(string directory, string finding) =>
        new(directory, $"The data directory '{directory}' can't be used: {finding}.", inner: null);

    internal StoreFailedException(string file, Exception inner)
        : base(file, $"An earlier write to '{file}' failed, so nothing more is answered from it until the emulator was restarted: {inner.Message}", inner)
    {
    }
}
