package alluxio

import "testing"

func TestWhereABackupIs(t *testing.T) {
	t.Parallel()
	const name = "alluxio-backup-2026-12-1-1790000000000.gz"
	for output, want := range map[string]string{
		"Successfully backed up journal to file:///b/" + name + " on master h\n":            "/b/" + name,
		"Successfully backed up journal to /b/" + name + "\n":                               "/b/" + name,
		"Backup Host        : h\nBackup URI         : file:///b/" + name + "\nBackup Entry": "/b/" + name,
		"Backup URI         : /b/" + name + "\r\n":                                          "/b/" + name,
		"Backup URI         : hdfs://n/b/" + name + "\n":                                    "",
		"Backup URI         : /b/passwd\n":                                                  "",
		"Backup URI         : /b/alluxio-backup-2026-12-1-.gz\n":                            "",
		"Backup URI         : b/" + name + "\n":                                             "",
		"Backup URI         : file:///b c%/" + name + "\n":                                  "/b c%/" + name,
		"Backup URI         : file://host/b/" + name + "\n":                                 "",
		"Backup URI         : %zz\n":                                                        "",
		"":                                                                                  "",
	} {
		if got := BackupFile(output); got != want {
			t.Errorf("%q: %q", output, got)
		}
	}
	if got := BackupHost("x\nBackup Host        : h.example\nBackup URI : /b\n"); got != "h.example" {
		t.Errorf("host %q", got)
	}
}
