// Package config turns what an operator wrote (conf/alluxio-site.properties and --property flags) into typed Settings.
//
// One table, Keys, drives everything that knows about properties: loading, defaults, validation,
// --help, the documentation and the suggestion for a misspelt key. Load reports every problem at
// once, each with key, value and place.
//
// Of several values of one property, the last --property flag wins over the last line of the site
// file, and that over the default. What is not under alluxio.integration. reaches Alluxio as
// java.util.Properties reads it from the same bytes: ParseProperties reads, FormatProperty writes,
// and a test asks a JVM about both.
//
// Config is a leaf: it imports nothing of this module.
package config
