using System.Globalization;
using System.Text;
using Azure.Core.Serialization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace Serverless.LocalWorker.Invocation;

/// <summary>
/// Fills the parameters of a function the way the worker's built-in converters do, in their order. So it has their limits: a number or
/// a bool must be JSON, and a list of strings can't be made from an array of objects.
/// </summary>
internal static class ParameterBinder
{
    public static async Task<object?[]> BindAsync(LocalFunctionContext context)
    {
        FunctionBindings bindings = FunctionBindings.Of(context);
        ObjectSerializer serializer = context.Serializer();
        var values = new object?[context.Function.Parameters.Length];
        List<string> faults = [];
        for (int i = 0; i < values.Length; i++)
        {
            FunctionParameter parameter = context.Function.Parameters[i];
            object? source = parameter.Name == context.Function.Trigger.ParameterName ? bindings.TriggerValue
                : IsOfTheInvocation(parameter.Type) ? null
                : bindings.Metadata.GetValueOrDefault(parameter.Name);
            try
            {
                if (!(await ConvertAsync(parameter.Type, source, context, serializer)).TryGet(out values[i]) && !TryDefault(parameter, out values[i]))
                {
                    faults.Add($"Could not populate the value for '{parameter.Name}' parameter. Consider adding a default value or making the parameter nullable.");
                }
            }
            catch (Exception fault) when (source is not null)
            {
                faults.Add($"Cannot convert input parameter '{parameter.Name}' to type '{parameter.Type}' from type '{source.GetType()}'. Error: {fault.Message}");
            }
        }

        return faults.Count == 0
            ? values
            : throw new FunctionInputConverterException(
                $"Error converting {faults.Count} input parameters for Function '{context.Function.Name}': {string.Join(Environment.NewLine, faults)}");
    }

    private static async ValueTask<Conversion> ConvertAsync(Type type, object? source, FunctionContext context, ObjectSerializer serializer)
    {
        if (IsOfTheInvocation(type))
        {
            return new Conversion(type == typeof(FunctionContext) ? context : context.CancellationToken);
        }

        if (source is not null && type.IsInstanceOfType(source))
        {
            return new Conversion(source);
        }

        if (source is not string text)
        {
            return Conversion.None;
        }

        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain == typeof(Guid) && Guid.TryParse(text, out Guid guid))
        {
            return new Conversion(guid);
        }

        if (plain == typeof(DateTimeOffset) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out DateTimeOffset offset))
        {
            return new Conversion(offset);
        }

        if (plain == typeof(DateTime) && DateTime.TryParse(text, CultureInfo.InvariantCulture, out DateTime date))
        {
            return new Conversion(date);
        }

        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (type.IsAssignableFrom(typeof(byte[])))
        {
            return new Conversion(bytes);
        }

        using var stream = new MemoryStream(bytes);
        return new Conversion(await serializer.DeserializeAsync(stream, type, CancellationToken.None));
    }

    private static bool IsOfTheInvocation(Type type) =>
        type == typeof(FunctionContext) || type == typeof(CancellationToken) || type == typeof(CancellationToken?);

    private static bool TryDefault(FunctionParameter parameter, out object? value)
    {
        value = parameter.DefaultValue;
        return parameter.HasDefaultValue || parameter.IsReferenceOrNullableType;
    }

    private readonly struct Conversion(object? value)
    {
        private readonly bool isDone = true;

        public static Conversion None => default;

        public bool TryGet(out object? result)
        {
            result = value;
            return isDone;
        }
    }
}
