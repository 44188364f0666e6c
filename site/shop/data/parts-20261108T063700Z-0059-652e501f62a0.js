(window.fftData??={})["parts-20261108T063700Z-0059"]=JSON.parse('{"parts":[],"nodes":{}}');
