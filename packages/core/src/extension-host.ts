// SPDX-License-Identifier: Apache-2.0
// Copyright Contributors to the RMTC for TypeScript Project.

import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { contractVersions, type Extension, RmtcError, type Role, type RoleInstances } from "@rmtc/contract";
import { loadCommand } from "@rmtc/wire";
import type { CommandLocation, ExtensionLocation } from "./config/workspace-config.ts";
import type { FoundSoftware } from "./platform/component-names.ts";
import { readPythonEnvironment } from "./platform/read-python-environment.ts";

/** Extensions a host brings along, loaded when they are first needed: by URL scheme, then the module's loader. */
export type BuiltInExtensions = Readonly<Record<string, readonly BuiltInExtension[]>>;

/** One package that a host brings along. */
export interface BuiltInExtension {
  /** The package's name, by which a configuration or an older record can also ask for it. */
  readonly name: string;
  readonly roles: readonly Role[];
  readonly load: () => Promise<{ readonly default: unknown }>;
}

/** An opened extension, and what is to be recorded of it. */
export interface OpenedExtension<R extends Role> {
  readonly instance: RoleInstances[R];
  readonly name: string;
  readonly version: string;
  /** The options as they were given. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The interpreter and packages that it runs on, where a Python program serves it. */
  readonly runsOn: readonly FoundSoftware[];
}

/** An extension, and the command that serves it, if one does. */
interface FoundExtension<R extends Role> {
  readonly extension: Extension<R>;
  readonly served?: CommandLocation | undefined;
}

/**
 * Finds extensions by URL scheme, package name or command line, checks their role, contract version and options, and opens
 * them.
 */
export class ExtensionHost {
  readonly #builtIn: BuiltInExtensions;
  readonly #folder: string;
  readonly #commands: readonly CommandLocation[];
  readonly #loaded = new Map<CommandLocation, Promise<readonly Extension[]>>();

  /**
   * `folder` is where packages are looked up, commands start and relative paths begin: the workspace's folder.
   * The extensions of `commands` can be asked for by their name as well.
   */
  constructor(builtIn: BuiltInExtensions, folder: string, commands: readonly CommandLocation[] = []) {
    this.#builtIn = builtIn;
    this.#folder = folder;
    this.#commands = commands;
  }

  /**
   * Opens an extension for a role.
   *
   * @throws RMTC_EXTENSION_INVALID when there is none, or it has another role or contract version.
   * @throws RMTC_OPTION_INVALID when its options are wrong.
   */
  async open<R extends Role>(
    role: R,
    location: ExtensionLocation,
    call: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<OpenedExtension<R>> {
    const { extension, served } = await this.#find(role, location);
    const options = typeof location === "string" ? optionsFromUrl(location) : (location.options ?? {});
    const newest = contractVersions[role];
    if (extension.contract !== newest) {
      throw new RmtcError(
        "RMTC_EXTENSION_INVALID",
        `${extension.name} ${extension.version} implements version ${extension.contract} of the ${role} contract; this host accepts ${newest}. Install a version that fits.`,
        { subject: extension.name },
      );
    }
    const checked = await extension.options["~standard"].validate(options);
    if (checked.issues !== undefined) {
      const issue = checked.issues[0];
      const pointer = (issue?.path ?? [])
        .map((key) => `/${String(typeof key === "object" ? key.key : key)}`)
        .join("");
      throw new RmtcError(
        "RMTC_OPTION_INVALID",
        `Options of ${extension.name}: "${pointer}" ${issue?.message ?? "is not valid"}.`,
        {
          subject: extension.name,
          pointer,
        },
      );
    }
    const instance = await extension.open(checked.value, { baseFolder: this.#folder, signal: call.signal });
    const runsOn = served === undefined ? [] : await this.#pythonOf(served);
    return { instance, name: extension.name, version: extension.version, options, runsOn };
  }

  async #find<R extends Role>(role: R, location: ExtensionLocation): Promise<FoundExtension<R>> {
    if (typeof location === "string") return { extension: await this.#byScheme(role, location) };
    if ("use" in location) return await this.#byName(role, location.use);
    return { extension: await this.#byCommand(role, location), served: location };
  }

  /** What a command runs on, when its program is a Python interpreter by its name; nothing is imported. */
  async #pythonOf({ command: [program = ""], env }: CommandLocation): Promise<readonly FoundSoftware[]> {
    if (!/^python[\d.]*$/.test(basename(program))) return [];
    const interpreter = program.includes("/") ? resolve(this.#folder, program) : program;
    return await readPythonEnvironment(interpreter, { env });
  }

  async #byScheme<R extends Role>(role: R, location: string): Promise<Extension<R>> {
    const scheme = location.slice(0, location.indexOf(":"));
    const candidates = this.#builtIn[scheme]?.filter((candidate) => candidate.roles.includes(role)) ?? [];
    for (const candidate of candidates) {
      const extension = extensionsOf(await candidate.load()).find((found) => found.role === role);
      if (extension !== undefined) return extension as Extension<R>;
    }
    throw new RmtcError(
      "RMTC_EXTENSION_INVALID",
      `No extension for role ${role} has the scheme "${scheme}:". Name a package instead: { use: "package-name" }.`,
      { subject: location },
    );
  }

  async #byCommand<R extends Role>(role: R, location: CommandLocation): Promise<Extension<R>> {
    const extension = (await this.#loadCommand(location)).find((served) => served.role === role);
    if (extension !== undefined) return extension as Extension<R>;
    const line = location.command.join(" ");
    throw new RmtcError("RMTC_EXTENSION_INVALID", `\`${line}\` serves no extension for the role ${role}.`, {
      subject: line,
    });
  }

  /** Asks a command once what it serves. */
  async #loadCommand(location: CommandLocation): Promise<readonly Extension[]> {
    const { command, env } = location;
    const loading = this.#loaded.get(location) ?? loadCommand({ command, folder: this.#folder, env });
    this.#loaded.set(location, loading);
    try {
      return await loading;
    } catch (error) {
      this.#loaded.delete(location);
      throw error;
    }
  }

  async #byName<R extends Role>(role: R, name: string): Promise<FoundExtension<R>> {
    const isBuiltIn = this.#findBuiltIn(name) !== undefined;
    for (const command of isBuiltIn ? [] : this.#commands) {
      const served = (await this.#loadCommand(command)).find((one) => one.role === role && one.name === name);
      if (served !== undefined) return { extension: served as Extension<R>, served: command };
    }
    return { extension: await this.#byPackage(role, name) };
  }

  async #byPackage<R extends Role>(role: R, name: string): Promise<Extension<R>> {
    const builtIn = this.#findBuiltIn(name);
    const module = builtIn === undefined ? await this.#importPackage(name) : await builtIn.load();
    const extension = extensionsOf(module).find((found) => found.role === role);
    if (extension !== undefined) return extension as Extension<R>;
    throw new RmtcError("RMTC_EXTENSION_INVALID", `${name} has no extension for the role ${role}.`, {
      subject: name,
    });
  }

  #findBuiltIn(name: string): BuiltInExtension | undefined {
    return Object.values(this.#builtIn)
      .flat()
      .find((candidate) => candidate.name === name);
  }

  async #importPackage(name: string): Promise<{ readonly default?: unknown }> {
    try {
      const url = /^\.{0,2}\//.test(name)
        ? pathToFileURL(join(this.#folder, name))
        : pathToFileURL(createRequire(join(this.#folder, "package.json")).resolve(name));
      return (await import(url.href)) as { default?: unknown };
    } catch (error) {
      throw new RmtcError(
        "RMTC_EXTENSION_INVALID",
        `The package ${name} cannot be loaded from ${this.#folder}: ${(error as Error).message}. Install it there.`,
        { subject: name, cause: error },
      );
    }
  }
}

/** A package's default export is one extension or a list of them. */
function extensionsOf(module: { readonly default?: unknown }): readonly Extension[] {
  const exported = Array.isArray(module.default) ? module.default : [module.default];
  return exported.filter(
    (value): value is Extension =>
      typeof value === "object" && value !== null && "role" in value && "open" in value && "options" in value,
  );
}

/** `sqlite:a/b.db?busyTimeoutMilliseconds=5` has the options `path` and `busyTimeoutMilliseconds`. */
function optionsFromUrl(location: string): Record<string, unknown> {
  const rest = location.slice(location.indexOf(":") + 1);
  const question = rest.indexOf("?");
  const path = question === -1 ? rest : rest.slice(0, question);
  const query = question === -1 ? [] : [...new URLSearchParams(rest.slice(question + 1))];
  const options: Record<string, unknown> = path === "" ? {} : { path };
  for (const [key, value] of query) options[key] = /^-?\d+$/.test(value) ? Number(value) : value;
  return options;
}
