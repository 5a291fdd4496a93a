// Package model holds the documents of an OCI image layout: the descriptor, the
// index, the manifest, the image configuration and the oci-layout file. It opens
// no file and no connection: [LoadReader] reads what the caller has opened.
//
// A document is checked in two steps. Loading ([LoadIndex], [LoadManifest],
// [LoadImage], [LoadDescriptor], [LoadImageLayout], [Decode], or [Load] for a
// type of your own) reads the JSON strictly and reports everything that is
// malformed: wrong types, repeated names, invalid UTF-8. Validating (the Validate
// methods) then reports every requirement of the specification that the document
// breaks. Neither step stops at the first problem, and each [Problem] names its rule and its place as an RFC 6901
// JSON pointer.
//
// Documents know what a plain struct does not: whether a member was there at all
// ([Members.Has]), the members that the specification does not know
// ([Members.Unknown]), and the bytes they were read from ([Members.Raw]).
//
// Documents are changed through their fields, or through methods such as
// [Manifest.AddLayer] that refuse what would break them, and are written by
// [Encode]. [Verifier], [VerifyReader] and [DigestReader] check the bytes that
// a descriptor stands for.
//
// Field names and member names are those of image-spec v1.1.1. Programs that use
// its Go types convert with [Descriptor.Spec], [DescriptorFromSpec] and the like.
package model
