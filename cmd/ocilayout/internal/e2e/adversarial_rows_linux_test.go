package e2e

import (
	"slices"
	"testing"
)

// adversarialRows is everything that is known to be done to a reader of layouts, and which
// adversaries do it.
var adversarialRows = []struct {
	what        string
	adversaries []string
}{
	{"a path that is no layout", []string{"no such path", "a file of text in the place of a layout", "an empty directory"}},
	{"oci-layout that is missing or wrong", []string{"oci-layout missing", "oci-layout empty", "oci-layout without version", "oci-layout of another version",
		"oci-layout of a gigabyte", "oci-layout with more members"}},
	{"index.json that is no file, or too large", []string{"index.json missing", "index.json a directory", "index.json a link to a file outside", "index.json a FIFO",
		"index.json a socket", "index.json a device without end", "index.json of ten gigabytes"}},
	{"links that lead out", []string{"blob a link to a file outside", "blob a link upwards to a file outside", "blob a chain of links to a file outside",
		"blobs/sha256 a link to a directory outside", "blobs a link upwards", "blobs a link to a directory outside"}},
	{"links that stay inside", []string{"blob a link to another inside"}},
	{"blobs shared by a link", []string{"blobs shared by a link, and the directory named"}},
	{"links in a circle", []string{"blob a link to itself", "blob a link in a circle"}},
	{"what would keep a reader waiting", []string{"blob a FIFO", "blobs a FIFO", "oci-layout a FIFO"}},
	{"sockets and devices", []string{"blob a socket", "blob a device without end", "blob a disk"}},
	{"directories and files in one another's place", []string{"blob a directory", "blobs a file", "blobs/sha256 a file"}},
	{"a blob far longer than its size", []string{"a blob of 16 TiB that is to have ten bytes"}},
	{"a blob that takes for ever", []string{"a blob of a terabyte, and an interrupt"}},
	{"what may not be read", []string{"files that may not be read"}},
	{"names that no blob has", []string{"names of blobs that no digest has", "a blob whose name has upper case"}},
	{"directories of algorithms", []string{"directories of algorithms that are none"}},
	{"a tree without bottom", []string{"directories nested deeper than a path may be long", "ten links to the directory that they are in"}},
	{"many blobs", []string{"thousands of images of three blobs each", "a long chain of indexes, nearly all of them unreferenced"}},
	{"one file of many names", []string{"two names of one file, by two algorithms"}},
	{"files that change under the reader", []string{"a blob that is exchanged for a link to the outside, again and again", "a blob that is cut off while it is read",
		"a blob that grows while it is read", "a blob that is written to while it is read", "a layout that another takes the place of while it is read"}},

	{"members that stand twice", []string{"member names that stand twice, at every level"}},
	{"members in other letters", []string{"member names in other letters that some tools take for known ones"}},
	{"text that is no JSON", []string{"text that is not what JSON demands", "more or less than one value", "64 MiB of blanks"}},
	{"nesting", []string{"nesting", "ten million arrays in one another"}},
	{"numbers that are no size", []string{"sizes that are none"}},
	{"null", []string{"nothing in the place of something", "index.json null", "index.json an array"}},
	{"small documents that take much memory", []string{"4 MiB of layers that say nothing", "400,000 annotations", "a million objects in an unknown member",
		"a name of 1 MiB and a value of 8 MiB", "index.json of very many entries that say nothing"}},
	{"embedded data", []string{"embedded data that is not what the descriptor says", "embedded data of megabytes"}},
	{"one document of two kinds", []string{"an index and a manifest in one document"}},
	{"addresses", []string{"addresses to download from that lead elsewhere"}},
	{"versions, types and names", []string{"versions, subjects and types of artifacts", "reference names beside the grammar, and twice"}},
	{"configurations", []string{"configurations that are none", "a configuration of more than the limit"}},

	{"many ways to one document", []string{"64 indexes that each list the next one twice", "a document that names itself by a digest that is not its own"}},
	{"deep chains", []string{"a long chain of indexes, nearly all of them unreferenced"}},
	{"descriptors that disagree about one blob", []string{"a blob named again with another size, media type and platform", "a blob that is configuration, layer and manifest"}},
	{"lists of nothing", []string{"index.json that lists nothing", "index.json without a list", "index.json whose list is null"}},
	{"more descriptors than the limit", []string{"more descriptors of one blob than the limit", "more digests of missing blobs than the limit"}},
	{"blobs of hardly any bytes", []string{"blobs without bytes, and of two"}},
	{"digests that are none", []string{"digests that are none, in every place of one", "digests that are none on the command line"}},
	{"layers not to be distributed", []string{"layers that are not to be distributed: absent, there, and damaged"}},
	{"several algorithms", []string{"algorithms that are not computed, and others that are", "the same bytes by two algorithms", "a blob in the directory of another algorithm"}},

	{"gzip bombs", []string{"a gzip stream of 4 MiB that unpacks to 4 GiB"}},
	{"zstd bombs", []string{"a zstd stream of 256 KiB that unpacks to 8 GiB", "a zstd stream of 1 MiB that unpacks to 32 GiB"}},
	{"zstd windows", []string{"a zstd window of 128 MiB", "two zstd windows of 128 MiB at once", "four zstd windows of 128 MiB at once", "a zstd window of 512 MiB",
		"a zstd window of 1 GiB", "a zstd window of 2 TiB"}},
	{"streams without content", []string{"a megabyte of gzip blocks without content", "very many gzip members without content", "very many zstd blocks and frames without content"}},
	{"damaged streams", []string{"layers that break off", "layers with a wrong checksum, or more behind them"}},
	{"streams of no bytes", []string{"layers of no bytes", "layers of no bytes, as zstd"}},
	{"another compression than promised", []string{"layers compressed in another way"}},
	{"frames that lie", []string{"zstd frames that lie"}},
	{"streams in several parts", []string{"gzip members and zstd frames one after the other"}},
	{"other content than promised", []string{"layers that are not what the configuration promises"}},

	{"words that terminals, browsers, CI systems and spreadsheets act on, in every format", []string{"words that something acts on, in every place"}},
	{"words that are very long", []string{"very long names"}},
	{"a report that does not arrive", []string{"a full device for the report", "standard output that is closed", "a reader that goes away"}},
	{"a world of few resources", []string{"hardly any open files", "one processor", "nothing to write to", "a layout that may only be read", "no network"}},
	{"a program that may do nothing but read", []string{"every system call watched"}},
}

// No adversary is lost, and none stands outside of the list.
func TestAdversarialRows(t *testing.T) {
	t.Parallel()
	var there, listed []string
	for _, a := range adversaries() {
		if slices.Contains(there, a.name) {
			t.Errorf("two adversaries are called %q", a.name)
		}
		if there = append(there, a.name); len(a.attempts) == 0 && !a.show && a.also == nil {
			t.Errorf("%q does nothing", a.name)
		}
	}
	for _, row := range adversarialRows {
		if len(row.adversaries) == 0 {
			t.Errorf("nobody is %q", row.what)
		}
		for _, name := range row.adversaries {
			if listed = append(listed, name); !slices.Contains(there, name) {
				t.Errorf("%s: there is no %q", row.what, name)
			}
		}
	}
	for _, name := range there {
		if !slices.Contains(listed, name) {
			t.Errorf("%q is not listed", name)
		}
	}
}
