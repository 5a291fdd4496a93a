package model

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/verify/rule"
)

const (
	reservedPrefix = "org.opencontainers"
	labelSchema    = "org.label-schema."

	// encryptionPrefix begins the keys of encrypted layers, which no specification of
	// OCI has, and every tool that encrypts layers does (ocicrypt).
	encryptionPrefix = "org.opencontainers.image.enc."
)

// reservedKeys are the keys below org.opencontainers that some OCI specification
// defines: annotations.md, conversion.md, and what is proposed for referrers
// within layouts.
var reservedKeys = map[string]bool{
	AnnotationCreated: true, AnnotationAuthors: true, AnnotationURL: true, AnnotationDocumentation: true,
	AnnotationSource: true, AnnotationVersion: true, AnnotationRevision: true, AnnotationVendor: true,
	AnnotationLicenses: true, AnnotationRefName: true, AnnotationTitle: true, AnnotationDescription: true,
	AnnotationBaseDigest: true, AnnotationBaseName: true,
	"org.opencontainers.image.os":               true,
	"org.opencontainers.image.architecture":     true,
	"org.opencontainers.image.variant":          true,
	"org.opencontainers.image.os.version":       true,
	"org.opencontainers.image.os.features":      true,
	"org.opencontainers.image.author":           true,
	"org.opencontainers.image.stopSignal":       true,
	"org.opencontainers.image.exposedPorts":     true,
	"org.opencontainers.image.referrer.subject": true,
	"org.opencontainers.image.referrer.convert": true,
}

// reverseDomain is the form that annotations.md advises: labels as of a domain
// divided by dots, at least two of them, and perhaps a path or a fragment.
var reverseDomain = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?)+(?:[/#].*)?$`)

// annotations judges a map of annotations or labels, in the order of its keys.
func (c *checker) annotations(m *Members, member string, all map[string]string) {
	if len(all) == 0 {
		return
	}
	c.in(member, func() {
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if c.done {
				return
			}
			c.annotationKey(key)
			c.annotationValue(key, all[key])
		}
		if m.Wrong(member) || m.IsCut() {
			return // and the other key may be among what is not known
		}
		if _, ok := all[AnnotationBaseDigest]; !ok && all[AnnotationBaseName] != "" {
			c.report(rule.AnnotationBasePair, AnnotationBaseDigest, "the base image is named, and its digest is not", AnnotationBaseDigest, "")
		}
	})
}

func (c *checker) annotationKey(key string) {
	switch {
	case key == "":
		c.reportKey(rule.AnnotationKeyEmpty, key, "a key is empty", "", "")
	case key == reservedPrefix || strings.HasPrefix(key, reservedPrefix+"."):
		if !reservedKeys[key] && !strings.HasPrefix(key, encryptionPrefix) {
			c.report(rule.AnnotationReserved, key, "the key is reserved, and no OCI specification defines it", "", clip(key))
		}
	case strings.HasPrefix(key, labelSchema):
		c.report(rule.AnnotationLabelSchema, key, "the keys of Label Schema are superseded by those of annotations.md", "", clip(key))
	case !reverseDomain.MatchString(key):
		c.report(rule.AnnotationKeyForm, key, "the key is not in reverse domain notation, so that others may use it for something else", "com.example.key", clip(key))
	}
}

// annotationValue holds the value of a key that the specification defines
// against its definition (annotations.md, Pre-Defined Annotation Keys).
func (c *checker) annotationValue(key, value string) {
	if value == "" {
		return // which any value may be
	}
	switch key {
	case AnnotationCreated:
		if timeForm(value) != timeUsual {
			c.report(rule.AnnotationTime, key, "the value is no time as RFC 3339 writes it", "2006-01-02T15:04:05Z", clip(value))
		}
	case AnnotationURL, AnnotationDocumentation, AnnotationSource:
		c.annotationURL(key, value)
	case AnnotationLicenses:
		if !licenseExpression(value) {
			c.report(rule.AnnotationLicenses, key, "the value is no SPDX license expression", "Apache-2.0 OR MIT", clip(value))
		}
	case AnnotationBaseDigest:
		if _, err := ParseDigest(value); err != nil {
			c.report(rule.AnnotationBaseDigest, key, err.Error(), "", clip(value))
		}
	case AnnotationBaseName:
		switch registry, ok := reference(value); {
		case !ok:
			c.report(rule.AnnotationBaseName, key, "the value is no reference to an image", "registry.example/name:tag", clip(value))
		case !registry:
			c.report(rule.AnnotationBaseNameShort, key, "the reference names no registry", "registry.example/name:tag", clip(value))
		}
	}
}

// scpAddress is how ssh and git name a path on another machine.
var scpAddress = regexp.MustCompile(`^[A-Za-z0-9._-]+@[A-Za-z0-9.-]+:[^\s]+$`)

func (c *checker) annotationURL(key, value string) {
	switch _, defect := uri(value); {
	case scpAddress.MatchString(value):
		c.report(rule.AnnotationURLSCP, key, "the value is an address as ssh takes it, and no URL", "ssh://git@example.com/path", clip(value))
	case defect != uriSound:
		c.report(rule.AnnotationURL, key, "the value is no URL", "https://example.com/path", clip(value))
	}
}
