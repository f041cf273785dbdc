using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace Serverless.Functions.Http;

/// <summary>What a management operation takes, besides a function key. No right includes another.</summary>
public enum ManagementRight
{
    /// <summary>Look at consumers, streams, history, and actions, and try commands without writing.</summary>
    Read,

    /// <summary>Retry, discard, rebuild, and change which version of a projection serves.</summary>
    Operate,

    /// <summary>Export the whole store, and import into it.</summary>
    Store,
}

/// <summary>
/// Checks the right of every management function before it runs. A management function that is not named here takes a right by its
/// method, so that a new one is never open by accident.
/// </summary>
internal sealed class ManagementMiddleware(RoleRules roles, SignIn signIn) : IFunctionsWorkerMiddleware
{
    /// <summary>The names of all functions below <c>manage/</c> begin like this, and of no others.</summary>
    public const string FunctionPrefix = "Manage";

    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        string function = context.FunctionDefinition.Name;
        if (function.StartsWith(FunctionPrefix, StringComparison.Ordinal) && await context.GetHttpRequestDataAsync() is { } request)
        {
            signIn.Check(request);
            roles.Check(request, RightFor(function, request.Method));
        }
        await next(context);
    }

    private static ManagementRight RightFor(string function, string method) => function switch
    {
        "ManageExport" or "ManageImport" => ManagementRight.Store,
        "ManageTry" => ManagementRight.Read, // Decides a command and writes nothing.
        _ => method is "GET" or "HEAD" ? ManagementRight.Read : ManagementRight.Operate,
    };
}
