package zookeeper

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-zookeeper/zk"
)

// Make creates the znode of the address with all above it, and those named below it. The address's
// own znode and those below get ACL(); what is missing above it everybody may read and add to, so
// that others can have znodes beside ours.
//
// It fails when the address has credentials while its znode exists and is open to everyone: the
// credentials would protect nothing.
func (c *Conn) Make(ctx context.Context, below ...string) error {
	path := c.o.Address.Path
	above := c.ACL()
	if c.o.Address.Password.IsSet() {
		above = append(above, zk.WorldACL(zk.PermRead|zk.PermCreate)...)
	}
	for i, r := range path {
		if r != '/' || i == 0 {
			continue
		}
		if err := c.makeOne(ctx, path[:i], above); err != nil {
			return err
		}
	}
	if err := c.makeOne(ctx, path, c.ACL()); err != nil {
		return err
	}
	if err := c.checkACL(ctx, path); err != nil {
		return err
	}
	for _, name := range below {
		if err := c.makeOne(ctx, path+"/"+name, c.ACL()); err != nil {
			return err
		}
	}
	return nil
}

// makeOne creates a znode unless it is there.
func (c *Conn) makeOne(ctx context.Context, path string, acl []zk.ACL) error {
	err := c.Try(ctx, func(z *zk.Conn) error {
		found, _, err := z.Exists(path)
		if err == nil && !found {
			_, err = z.Create(path, nil, 0, acl)
		}
		return err
	})
	if err != nil && !errors.Is(err, zk.ErrNodeExists) {
		return c.Explain("make", path, err)
	}
	return nil
}

func (c *Conn) checkACL(ctx context.Context, path string) error {
	if !c.o.Address.Password.IsSet() {
		return nil
	}
	var acl []zk.ACL
	err := c.Try(ctx, func(z *zk.Conn) (err error) {
		acl, _, err = z.GetACL(path)
		return err
	})
	if err != nil {
		return c.Explain("read the ACL of", path, err)
	}
	for _, a := range acl {
		if a.Scheme == "world" {
			return fmt.Errorf("znode %s in ZooKeeper is open to everyone, although there are credentials for it; protect it "+
				"with zkCli.sh "+
				"(addauth digest USER:PASSWORD, then setAcl -R %s auth::cdrwa), or use another path", path, path)
		}
	}
	return nil
}

// Explain is err with what was being done to which znode, and a hint when the credentials are wrong.
func (c *Conn) Explain(what, path string, err error) error {
	if errors.Is(err, zk.ErrNoAuth) || errors.Is(err, zk.ErrAuthFailed) {
		who := "without credentials"
		if c.o.Address.Password.IsSet() {
			who = "for the user and password that are given"
		}
		return fmt.Errorf("%s znode %s: ZooKeeper at %s refuses it %s: check user and password in "+
			"zk://user:password@host/path: %w",
			what, path, strings.Join(c.o.Address.Servers, ","), who, err)
	}
	return fmt.Errorf("%s znode %s: %w", what, path, err)
}
