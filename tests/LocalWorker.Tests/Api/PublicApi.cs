using System.Globalization;
using System.Reflection;

namespace Serverless.LocalWorker.Tests.Api;

/// <summary>Writes types as lines that are equal exactly when source code sees them as equal.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<string> Describe(IEnumerable<Type> types) =>
        types.SelectMany(type => Members(type).Select(member => $"{type.FullName}: {member}")).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Members(Type type)
    {
        string kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type is { IsAbstract: true, IsSealed: true } ? "static class"
            : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";
        yield return type.BaseType is null ? kind : $"{kind} : {Name(type.BaseType)}";
        foreach (Type implemented in type.GetInterfaces().Where(_ => !type.IsEnum))
        {
            yield return $"implements {Name(implemented)}";
        }

        foreach (ConstructorInfo constructor in type.GetConstructors(Declared).Where(IsVisible))
        {
            yield return $"new({Parameters(constructor)})";
        }

        foreach (MethodInfo method in type.GetMethods(Declared).Where(IsVisible))
        {
            string shape = method.IsStatic ? "static " : method.IsAbstract ? "abstract " : method is { IsVirtual: true, IsFinal: false } ? "virtual " : "";
            string arguments = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Constraints))}>" : "";
            yield return $"{shape}{Name(method.ReturnType)} {method.Name}{arguments}({Parameters(method)})";
        }

        foreach (FieldInfo field in type.GetFields(Declared).Where(field => field is { IsPublic: true, IsLiteral: true }))
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{field.Name} = {field.GetRawConstantValue()}");
        }

        if (type.GetCustomAttribute<AttributeUsageAttribute>(inherit: false) is { } usage)
        {
            yield return $"usable on {usage.ValidOn}, multiple: {usage.AllowMultiple}, inherited: {usage.Inherited}";
        }
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        (parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "") + Name(parameter.ParameterType) + " " + parameter.Name
        + (parameter.HasDefaultValue ? " = " + (parameter.RawDefaultValue ?? "null") : "")));

    private static string Constraints(Type argument) => string.Join(" & ",
        [argument.Name, .. argument.GetGenericParameterConstraints().Select(Name), $"{argument.GenericParameterAttributes & ~GenericParameterAttributes.VarianceMask}"]);

    private static string Name(Type type) => type.IsArray ? Name(type.GetElementType()!) + "[]"
        : type.IsGenericType ? $"{type.Namespace}.{type.Name}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.FullName ?? type.Name;
}
