package rule

// configRows judge image configurations.
var configRows = []Rule{
	{
		ID:       ConfigOfArtifact,
		Severity: Info,
		Title:    "what is typed as an image config has neither os nor rootfs",
		Help: "Something that is no image was given the type of an image config, so each member that an image needs is reported as missing. " +
			"That one cause stands behind those findings. " +
			"Give the config a media type of its own, or use the empty one together with an artifactType.",
		Spec:  "derived from artifacts-guidance.md; manifest.md#guidelines-for-artifact-usage",
		Since: "0.1.0",
	},
	{
		ID:       ConfigNull,
		Severity: Ignore,
		Schema:   Error,
		Title:    "an optional member of an image config is null",
		Help: "It is allowed, and means the same as leaving the member out, so this rule is off unless you ask for it with --rule config-null=warning. " +
			"The JSON schema of the specification refuses most such nulls, and so may programs that were made after it. " +
			"Let the program that writes the config leave the member out.",
		Spec:  "config.md#properties MAY; schema/config-schema.json (refuses most of them)",
		Since: "0.1.0",
	},
	{
		ID:       TimeFormat,
		Severity: Error,
		Title:    "a time is not of the form of RFC 3339",
		Help: "Programs that read the config cannot understand the time, and many written in Go refuse the whole config because of it. " +
			"A time is written like 2026-01-31T12:00:00Z, with two digits for each part, a T, seconds, and Z or an offset such as +01:00, and names a day that exists. " +
			"An empty string is no time either: leave the member out where none is known.",
		Spec:  "config.md#properties; RFC 3339 section 5.6",
		Since: "0.1.0",
	},
	{
		ID:       TimeUnusual,
		Severity: Warning,
		Title:    "a time has a form that RFC 3339 allows and many programs refuse",
		Help: "RFC 3339 allows t and z in lower case and a second numbered 60, but Go's parser takes neither, so many container tools refuse the config. " +
			"Write T and Z in upper case, and 59 for a leap second.",
		Spec:  "config.md#properties; RFC 3339 section 5.6; RFC 7493 section 4.3",
		Since: "0.1.0",
	},
	{
		ID:       ConfigUser,
		Severity: Warning,
		Title:    "a User is not of the form user or user:group",
		Help: "A runtime cannot tell which user is meant and may refuse to start the container. " +
			"It is a name or number, if need be with a colon and a group, as in app, 1000 or app:staff; an empty part or a second colon is a mistake. " +
			"Often a variable in a USER line was not set: correct it and build the image again.",
		Spec:  "config.md#properties",
		Since: "0.1.0",
	},
	{
		ID:       ConfigUserUnknown,
		Severity: Ignore,
		Title:    "the User of an image config is not in the image's passwd or group file",
		Help: "Runtimes that look the name up in /etc/passwd or /etc/group of the image fail to start the container. " +
			"As some take users from elsewhere, the rule is off unless you ask for it with --rule config-user-unknown=warning; only --level content finds it. " +
			"Create the user in the build, or give the number instead of the name.",
		Spec:  "conversion.md#configuser MUST (converters fail)",
		Since: "0.1.0",
	},
	{
		ID:       ConfigPort,
		Severity: Warning,
		Title:    "an exposed port is not a port number, alone or with tcp or udp",
		Help: "Tools that publish the exposed ports pass over this one or refuse the image. " +
			"A port is a number from 1 to 65535, alone or followed by /tcp or /udp, as in 8080/tcp. " +
			"Correct the EXPOSE line or the setting it came from, often a variable that was not set.",
		Spec:  "config.md#properties",
		Since: "0.1.0",
	},
	{
		ID:       ConfigPortDocker,
		Severity: Info,
		Title:    "an exposed port is a range or uses sctp",
		Help: "Docker and buildah write ranges such as 8000-8010 and the protocol sctp, of which the specification knows nothing. " +
			"Tools that keep to the specification may refuse them. " +
			"List each port of a range by itself if such a tool has to read the image.",
		Spec:  "config.md#properties",
		Since: "0.1.0",
	},
	{
		ID:       ConfigValueNotEmpty,
		Severity: Warning,
		Title:    "a value in ExposedPorts or Volumes is not the empty object",
		Help: "In ExposedPorts and Volumes only the names count, and each value is {}. " +
			"What is put into the value has no effect, and strict readers may refuse it. " +
			"Write {} there, and look for the right place for what was meant.",
		Spec:  "config.md#properties; schema/config-schema.json",
		Since: "0.1.0",
	},
	{
		ID:       ConfigVolume,
		Severity: Info,
		Title:    "a volume is not an absolute path",
		Help: "A volume is the path of a directory in the container, and a relative one may lead elsewhere in each runtime, or be refused. " +
			"Write the whole path, as in /var/lib/app, or C:\\data for Windows.",
		Spec:  "derived from config.md#properties",
		Since: "0.1.0",
	},
	{
		ID:       ConfigEnv,
		Severity: Error,
		Schema:   Warning,
		Title:    "an environment entry is not of the form NAME=VALUE",
		Help: "Many runtimes refuse such an entry, others drop it, so the program does not see the variable. " +
			"An entry has a name that is not empty, an equals sign and a value, which may be empty: DEBUG= sets it to nothing. " +
			"Give the variable its value, or remove the entry.",
		Spec:  "config.md#properties",
		Since: "0.1.0",
	},
	{
		ID:       ConfigEnvDuplicate,
		Severity: Warning,
		Title:    "an image config sets an environment variable twice",
		Help: "Whether the first or the last one counts depends on the runtime and on the program in the container. " +
			"It comes from tools that add a variable without looking whether it is there. " +
			"Leave only the entry with the value that is meant.",
		Spec:  "derived from config.md#properties",
		Since: "0.1.0",
	},
	{
		ID:       ConfigWorkingDir,
		Severity: Warning,
		Title:    "a WorkingDir is not an absolute path",
		Help: "Runtimes need an absolute path and get this one as it is, so the container may fail to start. " +
			"Docker makes WORKDIR absolute by itself, so a relative one mostly comes from another tool or an edit. " +
			"Write it from the root on, as in /app.",
		Spec:  "derived from conversion.md#verbatim-fields MUST (copied to process.cwd); OCI runtime-spec config.md#process MUST (absolute)",
		Since: "0.1.0",
	},
	{
		ID:       ConfigStopSignal,
		Severity: Info,
		Title:    "a StopSignal is neither a signal's name nor its number",
		Help: "A runtime that does not know the signal refuses to start or stop the container, or uses another signal and kills the program outright later. " +
			"Write a name such as SIGTERM or SIGRTMIN+3; a number is understood by Docker and others.",
		Spec:  "config.md#properties",
		Since: "0.1.0",
	},
	{
		ID:       ConfigArgsEscaped,
		Severity: Info,
		Title:    "an image config uses the deprecated ArgsEscaped",
		Help: "It is a flag of Docker for Windows which says that a command line is already escaped, and image builders should no longer write it. " +
			"Runtimes other than Docker's may not heed it, and then start the program with other arguments. " +
			"Write Entrypoint and Cmd in exec form, as a JSON array, and build the image again.",
		Spec:  "config.md#properties should not (deprecated)",
		Since: "0.1.0",
	},
	{
		ID:       ConfigArgsEscapedOS,
		Severity: Ignore,
		Title:    "an image config whose os is not windows has ArgsEscaped",
		Help: "The flag speaks of how Windows takes a command line and has no meaning elsewhere. " +
			"Docker and BuildKit have written it into very many images for Linux, where it does no harm, but it may also show that the config was made for another os. " +
			"The rule is therefore off unless you ask for it with --rule config-args-escaped-os=info; check os if it surprises you then.",
		Spec:  "config.md#properties should not (deprecated)",
		Since: "0.1.0",
	},
	{
		ID:       ConfigReserved,
		Severity: Warning,
		Title:    "a reserved member of an image config is not of the type it is reserved for",
		Help: "Memory, MemorySwap, CpuShares and Healthcheck are kept free for what Docker means by them: three integers and an object. " +
			"A program that reads Docker's configs too refuses a value of another type, and with it the image. " +
			"Correct the value, or move what you mean into a label.",
		Spec:  "config.md#properties RESERVED",
		Since: "0.1.0",
	},
	{
		ID:       ConfigNUL,
		Severity: Warning,
		Title:    "a string that a container runs by holds a NUL",
		Help: "The system ends arguments, environment variables and paths at a NUL, so a runtime refuses the container, or the program in it sees less than the config says. " +
			"A check of the config by its text sees more than what runs. " +
			"Take the character out where the config is made, and build the image again.",
		Spec:  "derived from config.md#properties and execve(2)",
		Since: "0.1.0",
	},
}
