package process_test

import "runtime"

// churn makes an OS thread end: that of a goroutine which ends locked.
func churn() {
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		close(done)
	}()
	<-done
}
