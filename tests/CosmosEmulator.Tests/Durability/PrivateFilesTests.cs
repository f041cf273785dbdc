using Microsoft.Azure.Cosmos;
using Serverless.CosmosEmulator.Tests.Support;

namespace Serverless.CosmosEmulator.Tests.Durability;

public sealed class PrivateFilesTests
{
    [Fact]
    public async Task Only_their_owner_can_read_the_directory_and_its_files()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such modes.");
            return;
        }

        using TempDirectory parent = new();
        string data = Path.Combine(parent.Path, "data");
        await using TestAccount account = await TestAccount.StartAsync(dataDirectory: data);
        Container container = await account.ContainerAsync();
        await container.CreateItemAsync(new Thing("1", "a"));

        string[] files = Directory.GetFiles(data, "*", SearchOption.AllDirectories);
        Assert.Contains(files, file => file.EndsWith(".db-wal", StringComparison.Ordinal));
        foreach (string file in files)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        foreach (string directory in (string[])[data, .. Directory.GetDirectories(data)])
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(directory));
        }
    }
}
